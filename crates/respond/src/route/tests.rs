use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use trailkeep_detect::Level;
use trailkeep_state::{Actor, Incident};

use super::*;
use crate::incident::{Act, Grouping, act, fold};
use crate::testing::{Desk, at, incident, signal};

fn routing(toml: &str) -> Routing {
    crate::config::RespondConfig::parse_for_tests(toml).routing
}

const CHAT: &str = r#"
    channels = ["chat"]
    [[channel]]
    name = "chat"
    type = "slack"
    url = "https://hooks.slack.com/services/T0/B0/x"
    [[channel]]
    name = "pager"
    type = "pagerduty"
    routing_key = "0123456789abcdef0123456789abcdef"
    [[channel]]
    name = "siem"
    type = "splunk"
    url = "https://splunk.example.com:8088"
    token = "t-0123456789"
"#;

fn with(more: &str) -> Routing {
    // Keys of the table stand before tables of their own.
    let (keys, tables) = more.split_once("[[").map_or((more, String::new()), |(a, b)| (a, format!("[[{b}")));
    routing(&format!("{keys}\n{CHAT}\n{tables}"))
}

fn done(incident: &Incident, what: &Act, seconds: i64) -> Incident {
    act(incident, what, &Actor::local("alice"), at(seconds)).unwrap().unwrap().0.incident
}

fn actions(plan: &Plan) -> Vec<(&str, Action)> {
    plan.notifications.iter().map(|message| (message.channel.as_str(), message.action)).collect()
}

#[test]
fn an_urgent_incident_is_told_at_once_and_a_low_one_waits_for_company() {
    let routing = with("");
    let mut desk = Desk::default();
    desk.put(incident("a", "x", Level::High, 0));
    desk.put(incident("b", "x", Level::Low, 0));
    let plan = desk.tick(&routing, at(0));
    assert_eq!(actions(&plan), [("chat", Action::Open)]);
    assert_eq!(plan.next_due, Some(at(30)));
    desk.put(incident("b", "y", Level::Low, 20));
    assert!(desk.tick(&routing, at(29)).notifications.is_empty());
    let plan = desk.tick(&routing, at(30));
    assert_eq!((plan.notifications.len(), plan.notifications[0].total), (1, 2));
    assert!(desk.tick(&routing, at(31)).notifications.is_empty(), "nothing is told twice");
    // Both are said again when nobody takes them.
    assert_eq!(desk.tick(&routing, at(31)).next_due, Some(at(4 * 3600)));
    assert_eq!(actions(&desk.tick(&routing, at(4 * 3600))), [("chat", Action::Repeat)]);
}

#[test]
fn a_group_is_one_thread_from_its_opening_to_its_end() {
    let routing = with("");
    let mut desk = Desk::default();
    let (first, second) = (incident("a", "x", Level::High, 0), incident("a", "y", Level::High, 40));
    desk.put(first.clone());
    let opened = desk.tick(&routing, at(0)).notifications.remove(0);
    desk.put(second.clone());
    let update = desk.tick(&routing, at(40)).notifications.remove(0);
    assert_eq!((update.action, &update.thread), (Action::Update, &opened.thread));
    assert_ne!(update.key, opened.key);
    desk.put(done(&first, &Act::Acknowledge, 100));
    assert_eq!(actions(&desk.tick(&routing, at(100))), [("chat", Action::Update)]);
    desk.put(done(&second, &Act::Acknowledge, 200));
    assert_eq!(actions(&desk.tick(&routing, at(200))), [("chat", Action::Acknowledge)]);
    for (incident, seconds, action) in [(&first, 300, Action::Update), (&second, 400, Action::Resolve)] {
        let present = desk.incidents.iter().find(|it| it.id == incident.id).unwrap().clone();
        desk.put(done(&present, &Act::Resolve { comment: String::new() }, seconds));
        let told = desk.tick(&routing, at(seconds)).notifications.remove(0);
        assert_eq!((told.action, &told.thread), (action, &opened.thread));
    }
    assert_eq!(desk.tick(&routing, at(100_000)), Plan::default(), "it is over");
    desk.put(incident("a", "z", Level::High, 100_000));
    let next = desk.tick(&routing, at(100_000)).notifications.remove(0);
    assert_eq!(next.action, Action::Open);
    assert_ne!(next.thread, opened.thread, "a new ticket for what comes after the end");
}

#[test]
fn the_tree_leads_to_the_first_match_and_further_where_it_says_so() {
    let routing = with(
        r#"
        [[route]]
        name = "network"
        match = { rule = "sg_*", account = "1111*" }
        channels = ["pager"]
        continue = true
          [[route.route]]
          name = "ours"
          match = { owner = "team-core", level = "high" }
          channels = ["chat"]
        [[route]]
        name = "rest"
        match = { kind = "finding" }
        channels = ["siem"]
        "#,
    );
    let names = |incident: &Incident| {
        let mut ends = Vec::new();
        routing.root.ends(incident, &mut ends);
        ends.iter().map(|route| route.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&incident("sg_open", "x", Level::High, 0)), ["ours", "rest"]);
    assert_eq!(names(&incident("sg_open", "x", Level::Low, 0)), ["network", "rest"]);
    assert_eq!(names(&incident("other", "x", Level::High, 0)), ["rest"]);
    let mut alarm = incident("other", "x", Level::High, 0);
    alarm.kind = trailkeep_state::IncidentKind::Alarm;
    assert_eq!(names(&alarm), ["root"]);
}

#[test]
fn what_nobody_takes_escalates_step_by_step_and_the_pager_hears_the_end() {
    let routing = with(
        r#"
        escalate = [{ after = "15m", channels = ["pager"] }, { after = "30m", channels = ["pager", "chat"] }]
        "#,
    );
    let mut desk = Desk::default();
    let open = incident("a", "x", Level::High, 0);
    desk.put(open.clone());
    let plan = desk.tick(&routing, at(0));
    assert_eq!((actions(&plan), plan.next_due), (vec![("chat", Action::Open)], None));
    assert_eq!(desk.tick(&routing, at(1)).next_due, Some(at(900)));
    assert_eq!(actions(&desk.tick(&routing, at(900))), [("pager", Action::Escalate)]);
    assert!(desk.tick(&routing, at(1799)).notifications.is_empty());
    let second = desk.tick(&routing, at(1800));
    assert_eq!(actions(&second), [("chat", Action::Escalate), ("pager", Action::Escalate)]);
    assert!(desk.tick(&routing, at(1801)).notifications.is_empty());
    desk.put(done(&open, &Act::Acknowledge, 2000));
    assert_eq!(
        actions(&desk.tick(&routing, at(2000))),
        [("chat", Action::Acknowledge), ("pager", Action::Acknowledge)]
    );
    let taken = desk.incidents[0].clone();
    desk.put(done(&taken, &Act::Resolve { comment: String::new() }, 3000));
    assert_eq!(
        actions(&desk.tick(&routing, at(3000))),
        [("chat", Action::Resolve), ("pager", Action::Resolve)]
    );
}

#[test]
fn one_that_is_acknowledged_in_time_escalates_to_nobody() {
    let routing = with(r#"escalate = [{ after = "15m", channels = ["pager"] }]"#);
    let mut desk = Desk::default();
    let open = incident("a", "x", Level::High, 0);
    desk.put(open.clone());
    desk.tick(&routing, at(0));
    desk.put(done(&open, &Act::Acknowledge, 100));
    assert_eq!(actions(&desk.tick(&routing, at(100))), [("chat", Action::Acknowledge)]);
    assert_eq!(desk.tick(&routing, at(100_000)), Plan::default());
}

#[test]
fn a_silence_holds_what_it_matches_until_it_ends_and_the_end_of_what_was_told_passes() {
    let routing = with("");
    let mut desk = Desk::default();
    let matcher = Matcher { rule: vec![Pattern::new("a*").unwrap()], ..Matcher::default() };
    let told = incident("a", "before", Level::High, 0);
    desk.put(told.clone());
    desk.tick(&routing, at(0));
    desk.silences.push(Silencing {
        id: 7,
        matcher,
        comment: String::new(),
        starts_at: at(10),
        ends_at: at(1000),
    });
    let held = incident("a", "x", Level::High, 50);
    desk.put(held.clone());
    desk.put(incident("b", "x", Level::High, 50));
    desk.put(done(&told, &Act::Resolve { comment: String::new() }, 50));
    let plan = desk.tick(&routing, at(50));
    let rules: Vec<_> = plan.notifications.iter().map(|it| it.items[0].incident.rule_id.as_str()).collect();
    assert_eq!(rules, ["a", "b"]);
    assert_eq!(plan.notifications[0].action, Action::Resolve);
    assert_eq!(
        plan.held,
        [Held { incident: held.id.clone(), channel: "chat".into(), by: HeldBy::Silence(7) }]
    );
    assert_eq!(plan.next_due, Some(at(1000)));
    let plan = desk.tick(&routing, at(1000));
    assert_eq!(plan.notifications[0].items[0].incident.id, held.id, "it is told once the silence is over");
    // What came and went in silence is no news.
    desk.silences[0].ends_at = at(9000);
    let gone = incident("a", "y", Level::High, 2000);
    desk.put(done(&gone, &Act::Resolve { comment: String::new() }, 2100));
    desk.silences.clear();
    assert!(desk.tick(&routing, at(2200)).notifications.is_empty());
}

#[test]
fn an_inhibition_holds_the_targets_that_agree_with_a_source() {
    let routing = with(
        r#"
        [[inhibit]]
        source = { rule = "trail_stopped" }
        target = { below = "high" }
        equal = ["account", "owner"]
        "#,
    );
    let mut desk = Desk::default();
    let source = incident("trail_stopped", "trail", Level::Critical, 0);
    desk.put(source.clone());
    let target = incident("other", "x", Level::Low, 0);
    let mut elsewhere = incident("other", "y", Level::Low, 0);
    elsewhere.account_id = Some("999900001111".to_owned());
    let mut nobodys = incident("other", "z", Level::Low, 0);
    nobodys.owner = None;
    for one in [&target, &elsewhere, &nobodys] {
        desk.put(one.clone());
    }
    let plan = desk.tick(&routing, at(60));
    let held: Vec<_> = plan.held.iter().map(|held| held.incident.as_str()).collect();
    assert_eq!(held, [target.id.as_str()]);
    desk.put(done(&source, &Act::Resolve { comment: String::new() }, 100));
    let plan = desk.tick(&routing, at(400));
    assert!(plan.notifications.iter().any(|message| message.items[0].incident.id == target.id));
    // Source and target alike do not silence each other.
    let both = Routing {
        inhibit: vec![Inhibition {
            source: Matcher::default(),
            target: Matcher::default(),
            equal: vec![Label::Account],
        }],
        ..routing
    };
    let mut desk = Desk::default();
    desk.put(incident("a", "x", Level::High, 0));
    desk.put(incident("b", "x", Level::High, 0));
    assert_eq!(desk.tick(&both, at(0)).notifications.len(), 2);
}

#[test]
fn what_is_only_to_be_read_comes_once_a_day_and_what_rises_above_it_at_once() {
    let routing =
        with(r#"digest = { every = "day", at = "08:00", zone = "Europe/Berlin", below = "medium" }"#);
    let mut desk = Desk::default();
    let low = incident("a", "x", Level::Low, 0);
    desk.put(low.clone());
    desk.put(incident("b", "x", Level::Informational, 10));
    desk.put(incident("c", "x", Level::Medium, 10));
    // Noon UTC is 14:00 in Berlin, so it is the next morning: 06:00 UTC.
    let morning = at(18 * 3600);
    let plan = desk.tick(&routing, at(40));
    assert_eq!(actions(&plan), [("chat", Action::Open)]);
    assert_eq!(plan.next_due, Some(morning));
    let plan = desk.tick(&routing, morning);
    let digest = plan.notifications.iter().find(|message| message.action == Action::Digest).unwrap();
    assert_eq!(digest.total, 2);
    desk.put(done(&low, &Act::Resolve { comment: String::new() }, 70_000));
    assert!(!actions(&desk.tick(&routing, at(70_000))).contains(&("chat", Action::Resolve)));
    let mut risen = incident("b", "x", Level::Informational, 10);
    (risen.level, risen.changes, risen.changed_at) = (Level::Critical, 2, at(70_100));
    desk.put(risen);
    let plan = desk.tick(&routing, at(70_100));
    assert_eq!((plan.notifications[0].level, plan.notifications[0].action), (Level::Critical, Action::Open));
}

#[test]
fn outside_of_its_hours_a_route_holds_and_routes_may_depend_on_the_hour() {
    let routing = with(
        r#"
        active = [{ days = "mon-fri", from = "09:00", to = "17:00" }]
        [[route]]
        name = "night"
        match = { times = [{ from = "22:00", to = "06:00" }], level = "high" }
        channels = ["pager"]
        active = []
        "#,
    );
    let mut desk = Desk::default();
    let evening = 8 * 3600;
    desk.put(incident("a", "x", Level::High, evening));
    let plan = desk.tick(&routing, at(evening));
    assert_eq!(plan.held[0].by, HeldBy::Hours);
    assert_eq!(plan.next_due, Some(at(21 * 3600)), "nine the next morning");
    let night = 11 * 3600;
    desk.put(incident("b", "x", Level::High, night));
    assert_eq!(actions(&desk.tick(&routing, at(night))), [("pager", Action::Open)]);
    assert_eq!(actions(&desk.tick(&routing, at(21 * 3600))).len(), 2);
}

#[test]
fn records_of_everything_go_to_a_siem_whatever_is_silenced() {
    let mut routing = with("");
    routing.root.policy.channels.push("siem".to_owned());
    let mut desk = Desk::default();
    let matcher = Matcher::default();
    desk.silences.push(Silencing {
        id: 1,
        matcher,
        comment: String::new(),
        starts_at: at(0),
        ends_at: at(100_000),
    });
    for n in 0..250 {
        desk.put(incident("a", &format!("x{n}"), Level::Low, 0));
    }
    let plan = desk.tick(&routing, at(0));
    let sizes: Vec<_> = plan.notifications.iter().map(|it| (it.action, it.items.len())).collect();
    assert_eq!(sizes, [(Action::Record, 100), (Action::Record, 100), (Action::Record, 50)]);
    let keys: std::collections::HashSet<_> = plan.notifications.iter().map(|it| &it.key).collect();
    assert_eq!(keys.len(), 3);
    desk.put(done(&desk.incidents[0].clone(), &Act::Resolve { comment: String::new() }, 5));
    let plan = desk.tick(&routing, at(5));
    assert_eq!((plan.notifications[0].items.len(), plan.notifications[0].items[0].why), (1, Why::Resolved));
    assert!(!keys.contains(&plan.notifications[0].key));
}

/// 10,000 findings in a minute, of 40 rules in 25 accounts, about 5,000 things; every 500th is high.
#[test]
fn a_storm_makes_a_handful_of_messages_and_no_high_one_is_late() {
    let routing = with("");
    let mut desk = Desk::default();
    let mut messages: Vec<(DateTime<Utc>, Notification)> = Vec::new();
    let mut opened: Vec<(String, DateTime<Utc>)> = Vec::new();
    for second in 0..60 {
        let signals: Vec<_> = (0..167)
            .map(|n| second * 167 + n)
            .map(|n| {
                let level = if n % 500 == 7 { Level::High } else { Level::ALL[(n % 3) as usize] };
                let mut made = signal(
                    &format!("s{n}"),
                    &format!("rule{}", n % 40),
                    &format!("thing{}", n % 4987),
                    level,
                    second,
                );
                made.account_id = Some(format!("1111222233{:02}", n % 25));
                made
            })
            .collect();
        for change in fold(&desk.incidents.clone(), &signals, &Grouping::default(), at(second)) {
            if change.incident.level >= Level::High && change.incident.changed_at == at(second) {
                opened.push((change.incident.id.clone(), at(second)));
            }
            desk.put(change.incident);
        }
        let plan = desk.tick(&routing, at(second));
        messages.extend(plan.notifications.into_iter().map(|message| (at(second), message)));
    }
    for second in 60..600 {
        let plan = desk.tick(&routing, at(second));
        messages.extend(plan.notifications.into_iter().map(|message| (at(second), message)));
    }
    assert!(opened.len() >= 19, "{}", opened.len());
    for (id, since) in &opened {
        let (told, _) = messages
            .iter()
            .find(|(at, message)| at >= since && message.items.iter().any(|item| item.incident.id == *id))
            .unwrap_or_else(|| panic!("{id} was told to nobody"));
        assert!(*told - *since <= TimeDelta::seconds(30), "{id} was {} late", *told - *since);
    }
    let urgent = messages.iter().filter(|(_, message)| message.urgent).count();
    assert!(urgent <= opened.len().min(14), "{urgent} urgent messages");
    assert!(messages.len() <= 40, "{} messages", messages.len());
    // And all of the 5,000 incidents were in one of them.
    assert_eq!(desk.told.len(), desk.incidents.len());
    assert!(desk.incidents.len() >= 5000);
}

#[derive(Clone, Debug)]
enum Event {
    Open { rule: usize, entity: usize, level: Level },
    Act { index: usize, resolve: bool },
}

fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let level = prop::sample::select(Level::ALL.to_vec());
    let open =
        (0..4usize, 0..40usize, level).prop_map(|(rule, entity, level)| Event::Open { rule, entity, level });
    let act = (0..40usize, any::<bool>()).prop_map(|(index, resolve)| Event::Act { index, resolve });
    let event = prop_oneof![6 => open, 1 => act];
    prop::collection::vec((0..900i64, event), 1..120).prop_map(|mut events| {
        events.sort_by_key(|event| event.0);
        events
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, and whenever it is looked at: urgent ones are told within the interval,
    /// what is held matches what holds it, no key is used twice, no budget is overdrawn, and in
    /// the end every open incident was told.
    #[test]
    fn nothing_is_lost_late_or_held_for_nothing(events in events(), rate in 1..5usize) {
        let mut routing = with("[[inhibit]]\nsource = { rule = \"r0\", level = \"high\" }\ntarget = { rule = \"r1\" }\nequal = [\"entity\"]");
        for channel in routing.channels.values_mut() {
            channel.rate.messages = rate;
        }
        let mut desk = Desk::default();
        let matcher = Matcher { rule: vec![Pattern::new("r3").unwrap()], ..Matcher::default() };
        desk.silences.push(Silencing { id: 1, matcher, comment: String::new(), starts_at: at(100), ends_at: at(500) });
        let mut keys = std::collections::HashSet::new();
        let mut sent: Vec<(DateTime<Utc>, bool)> = Vec::new();
        let mut events = events.into_iter().peekable();
        let mut now = at(0);
        for _ in 0..10_000 {
            while let Some((_, event)) = events.next_if(|event| at(event.0) <= now) {
                match event {
                    Event::Open { rule, entity, level } => {
                        let id = format!("s{}", keys.len() * 1000 + desk.incidents.len() * 7 + entity);
                        let made = signal(&id, &format!("r{rule}"), &format!("e{entity}"), level, (now - at(0)).num_seconds());
                        for change in fold(&desk.incidents.clone(), &[made], &Grouping::default(), now) {
                            desk.put(change.incident);
                        }
                    }
                    Event::Act { index, resolve } => {
                        let Some(incident) = desk.incidents.get(index).cloned() else { continue };
                        let what = if resolve { Act::Resolve { comment: String::new() } } else { Act::Acknowledge };
                        if let Ok(Some((change, _))) = act(&incident, &what, &Actor::local("alice"), now) {
                            desk.put(change.incident);
                        }
                    }
                }
            }
            let plan = desk.tick(&routing, now);
            for held in &plan.held {
                let incident = desk.incidents.iter().find(|it| it.id == held.incident).unwrap();
                match held.by {
                    HeldBy::Silence(_) => prop_assert!(incident.rule_id == "r3" && now >= at(100) && now < at(500)),
                    HeldBy::Inhibition(_) => {
                        let is_source = |source: &Incident| {
                            source.rule_id == "r0"
                                && source.is_unresolved()
                                && source.level >= Level::High
                                && source.entity == incident.entity
                        };
                        prop_assert!(incident.rule_id == "r1" && desk.incidents.iter().any(is_source));
                    }
                    HeldBy::Hours => prop_assert!(false, "no hours are set"),
                }
            }
            for message in &plan.notifications {
                prop_assert!(keys.insert(message.key.clone()), "{} twice", message.key);
                sent.push((now, message.urgent));
            }
            let lately = sent.iter().filter(|(when, urgent)| !urgent && *when + TimeDelta::minutes(1) > now).count();
            prop_assert!(lately <= rate, "{lately} messages in a minute");
            // Late: an urgent one that nothing holds, and that its channel does not know.
            for incident in desk.incidents.iter().filter(|it| it.is_unresolved() && it.level >= Level::High) {
                let known = desk.told.iter().any(|told| told.incident == incident.id && told.level == incident.level);
                let held = plan.held.iter().any(|held| held.incident == incident.id);
                let quiet = incident.rule_id == "r3" || incident.rule_id == "r1";
                prop_assert!(known || held || quiet || now - incident.changed_at <= TimeDelta::seconds(30));
            }
            let next = [events.peek().map(|event| at(event.0)), plan.next_due].into_iter().flatten().min();
            match next {
                Some(next) if next <= at(7200) => {
                    prop_assert!(next > now || !plan.notifications.is_empty() || events.peek().is_some(), "it would spin");
                    now = next.max(now);
                }
                _ => break,
            }
        }
        for incident in desk.incidents.iter().filter(|it| it.is_unresolved()) {
            let held = incident.rule_id == "r1";
            prop_assert!(held || desk.told.iter().any(|told| told.incident == incident.id), "{} was never told", incident.id);
        }
    }
}
