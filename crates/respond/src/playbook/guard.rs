//! Whether a repair is made: a pure function of the configuration, the change and the past.

use chrono::{DateTime, TimeDelta, Utc};

use super::config::{Fit, Mode, PlaybookRule};
use super::facet::Context;
use super::plan::{Remedy, Repair};

/// What is to happen with a repair.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Nothing, and nothing is kept of it.
    Ignore {
        /// Why.
        reason: String,
    },
    /// It is kept, and nothing done.
    Skip {
        /// Why.
        reason: String,
    },
    /// It is told what would be done.
    Observe,
    /// A person has to say yes.
    Wait {
        /// Until when.
        expires_at: DateTime<Utc>,
        /// Why it is not done at once, where it could be.
        reason: Option<String>,
    },
    /// It is done at once.
    Run,
    /// A person has to look at it: doing it would help nobody.
    Escalate {
        /// Why.
        reason: String,
    },
}

/// How far clocks may differ.
const AHEAD: TimeDelta = TimeDelta::minutes(15);

/// What is known of the past.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The change was Trailkeep's own.
    pub is_own: bool,
    /// When the same change by the same principal was last put back.
    pub put_back_at: Option<DateTime<Utc>>,
    /// Repairs that started by themselves in the account within the last hour.
    pub runs_last_hour: u32,
}

/// What is to happen, and the mode that the configuration gives. The first rule that fits counts; without
/// one it is observed.
#[must_use]
pub fn decide(
    rules: &[PlaybookRule],
    repair: &Repair,
    context: Option<&Context>,
    history: &History,
    now: DateTime<Utc>,
) -> (Mode, Decision) {
    let default = PlaybookRule::default();
    let mut unsure = false;
    let rule = rules
        .iter()
        .find(|rule| match rule.fits(repair, context) {
            Fit::Yes => true,
            Fit::No => false,
            Fit::Unsure => {
                unsure = true;
                false
            }
        })
        .unwrap_or(&default);
    let exempt_by_tag = rule.exempts_tags(context);
    let unsure = unsure || exempt_by_tag.is_none();
    let wait = |reason: Option<&str>| Decision::Wait {
        expires_at: now + rule.approval_expires.0,
        reason: reason.map(str::to_owned),
    };
    let skip = |reason: &str| Decision::Skip { reason: reason.to_owned() };
    let escalate = |reason: &str| Decision::Escalate { reason: reason.to_owned() };
    let is_remembered = history.put_back_at.is_some_and(|time| now - time <= rule.remember.0);
    let decision = if history.is_own {
        Decision::Ignore { reason: "it is a change of Trailkeep itself".to_owned() }
    } else if now - repair.event_time > rule.max_event_age.0 || repair.event_time - now > AHEAD {
        Decision::Ignore { reason: "it is not of now".to_owned() }
    } else if is_creation(repair) && rule.vpcs.is_empty() {
        Decision::Ignore { reason: "its VPC is not protected".to_owned() }
    } else if rule.exempts_principal(repair) {
        skip("changes of this principal are left alone")
    } else if exempt_by_tag == Some(true) {
        skip("a tag of the resource says that it is left alone")
    } else if rule.change_windows.iter().any(|window| window.holds(repair.event_time)) {
        skip("it was made in a change window")
    } else if rule.mode == Mode::Observe || matches!(repair.remedy, Remedy::Advice { .. }) {
        Decision::Observe
    } else if let Remedy::Unknown { reason } = &repair.remedy {
        Decision::Escalate { reason: reason.clone() }
    } else if is_remembered {
        escalate(
            "the same change by the same principal was put back before, and came again; it is not fought over",
        )
    } else if rule.mode == Mode::Approve {
        wait(None)
    } else if unsure {
        wait(Some("VPC or tags of the resource could not be read, and the configuration asks for them"))
    } else if history.runs_last_hour >= rule.most_per_hour {
        wait(Some("the account has had as many repairs within an hour as are made by themselves"))
    } else {
        Decision::Run
    };
    (rule.mode, decision)
}

/// Something was made that is only told where it is protected.
fn is_creation(repair: &Repair) -> bool {
    matches!(repair.event_name.as_str(), "CreateSecurityGroup" | "CreateNetworkAcl")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::super::config::{ChangeWindow, Span};
    use super::super::plan::part;
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-05-04T09:20:00Z".parse().unwrap()
    }

    fn repair() -> Repair {
        Repair {
            playbook: "network-acl-entries".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            resource: "acl-1".to_owned(),
            changed: "added entry".to_owned(),
            event_uid: "e-1".to_owned(),
            event_name: "CreateNetworkAclEntry".to_owned(),
            event_time: now(),
            actor: "arn:aws:iam::111122223333:role/deploy".to_owned(),
            principal: "arn:aws:sts::111122223333:assumed-role/deploy/bob".to_owned(),
            vpc: None,
            remedy: Remedy::PutBack {
                facet: "network-acl-entries".to_owned(),
                subject: "acl-1".to_owned(),
                made: part("ingress 90", json!({"RuleNumber": 90})),
                before: part("ingress 90", json!(null)),
            },
        }
    }

    fn auto() -> PlaybookRule {
        PlaybookRule { mode: Mode::Auto, ..PlaybookRule::default() }
    }

    fn decided(rule: PlaybookRule, context: Option<&Context>, history: &History) -> Decision {
        decide(&[rule], &repair(), context, history, now()).1
    }

    fn tagged(key: &str, value: &str) -> Context {
        Context { vpc: Some("vpc-1".to_owned()), tags: vec![(key.to_owned(), value.to_owned())] }
    }

    #[test]
    fn each_guard_holds_by_itself() {
        let none = History::default();
        assert_eq!(decided(auto(), None, &none), Decision::Run);
        assert_eq!(decided(PlaybookRule::default(), None, &none), Decision::Observe);
        assert_eq!(decide(&[], &repair(), None, &none, now()), (Mode::Observe, Decision::Observe));
        for arn in ["arn:aws:iam::*:role/deploy", "arn:aws:sts::111122223333:assumed-role/deploy/*"] {
            let rule = PlaybookRule { exempt_principals: vec![arn.to_owned()], ..auto() };
            assert!(matches!(decided(rule, None, &none), Decision::Skip { .. }), "{arn}");
        }
        let window =
            ChangeWindow { days: vec!["mon".to_owned()], from: "09:00".to_owned(), to: "10:00".to_owned() };
        let rule = PlaybookRule { change_windows: vec![window], ..auto() };
        assert!(matches!(decided(rule, None, &none), Decision::Skip { .. }));
        let exempt_tags = BTreeMap::from([("keep".to_owned(), "y*".to_owned())]);
        let rule = PlaybookRule { exempt_tags, ..auto() };
        assert!(matches!(decided(rule.clone(), Some(&tagged("keep", "yes")), &none), Decision::Skip { .. }));
        assert_eq!(decided(rule.clone(), Some(&tagged("keep", "no")), &none), Decision::Run);
        assert!(matches!(decided(rule, None, &none), Decision::Wait { reason: Some(_), .. }), "unknown tags");
        let busy = History { runs_last_hour: 20, ..History::default() };
        assert!(matches!(decided(auto(), None, &busy), Decision::Wait { reason: Some(_), .. }));
        let own = History { is_own: true, ..History::default() };
        assert!(matches!(decided(auto(), None, &own), Decision::Ignore { .. }));
    }

    #[test]
    fn what_is_not_of_now_is_ignored() {
        let at = |time: DateTime<Utc>| {
            let repair = Repair { event_time: time, ..repair() };
            decide(&[auto()], &repair, None, &History::default(), now()).1
        };
        assert_eq!(at(now() - TimeDelta::hours(2)), Decision::Run);
        assert!(matches!(at(now() - TimeDelta::minutes(121)), Decision::Ignore { .. }));
        assert!(matches!(at(now() + TimeDelta::minutes(16)), Decision::Ignore { .. }));
    }

    #[test]
    fn what_comes_again_is_escalated_while_it_is_remembered() {
        let again = |ago: TimeDelta| History { put_back_at: Some(now() - ago), ..History::default() };
        assert!(matches!(decided(auto(), None, &again(TimeDelta::hours(23))), Decision::Escalate { .. }));
        assert_eq!(decided(auto(), None, &again(TimeDelta::hours(25))), Decision::Run);
        let approve = PlaybookRule { mode: Mode::Approve, ..PlaybookRule::default() };
        assert!(matches!(decided(approve, None, &again(TimeDelta::hours(1))), Decision::Escalate { .. }));
    }

    #[test]
    fn scopes_choose_the_first_rule_that_fits() {
        let observe = PlaybookRule { vpcs: vec!["vpc-2".to_owned()], ..PlaybookRule::default() };
        let rules = [observe, auto()];
        let decide =
            |context: Option<&Context>| decide(&rules, &repair(), context, &History::default(), now()).1;
        assert_eq!(decide(Some(&tagged("a", "b"))), Decision::Run);
        let other = Context { vpc: Some("vpc-2".to_owned()), tags: Vec::new() };
        assert_eq!(decide(Some(&other)), Decision::Observe);
        assert!(
            matches!(decide(None), Decision::Wait { .. }),
            "a scope that cannot be told is not passed by"
        );
    }

    #[test]
    fn a_group_that_is_made_is_told_where_it_is_protected() {
        let mut made = repair();
        made.event_name = "CreateSecurityGroup".to_owned();
        made.vpc = Some("vpc-1".to_owned());
        made.remedy = Remedy::Advice { says: String::new(), calls: Vec::new() };
        let decide = |rules: &[PlaybookRule]| decide(rules, &made, None, &History::default(), now()).1;
        assert!(matches!(decide(&[auto()]), Decision::Ignore { .. }));
        let protected = PlaybookRule { vpcs: vec!["vpc-1".to_owned()], ..auto() };
        assert_eq!(decide(&[protected]), Decision::Observe);
        let elsewhere = PlaybookRule { vpcs: vec!["vpc-2".to_owned()], ..auto() };
        assert!(matches!(decide(&[elsewhere]), Decision::Ignore { .. }));
    }

    fn rules() -> impl Strategy<Value = PlaybookRule> {
        let list = |values: &'static [&'static str]| {
            prop::collection::vec(prop::sample::select(values).prop_map(str::to_owned), 0..2)
        };
        let map = || {
            prop::collection::btree_map(
                Just("k".to_owned()),
                prop::sample::select(&["v", "*", "x"][..]).prop_map(str::to_owned),
                0..2,
            )
        };
        let mode = prop::sample::select(&[Mode::Observe, Mode::Approve, Mode::Auto][..]);
        (
            mode,
            list(&["111122223333", "*", "9"]),
            list(&["vpc-1", "vpc-2"]),
            list(&["arn:aws:iam::*:role/deploy", "arn:other"]),
            map(),
            map(),
            0..3u32,
        )
            .prop_map(
                |(mode, accounts, vpcs, exempt_principals, tags, exempt_tags, most_per_hour)| PlaybookRule {
                    mode,
                    accounts,
                    vpcs,
                    exempt_principals,
                    tags,
                    exempt_tags,
                    most_per_hour,
                    approval_expires: Span(TimeDelta::hours(1)),
                    ..PlaybookRule::default()
                },
            )
    }

    fn contexts() -> impl Strategy<Value = Option<Context>> {
        let vpc = prop::option::of(prop::sample::select(&["vpc-1", "vpc-2"][..]).prop_map(str::to_owned));
        let tags = prop::collection::vec(
            (Just("k".to_owned()), prop::sample::select(&["v", "w"][..]).prop_map(str::to_owned)),
            0..2,
        );
        prop::option::of((vpc, tags).prop_map(|(vpc, tags)| Context { vpc, tags }))
    }

    proptest! {
        /// Nothing runs unless every guard lets it.
        #[test]
        fn what_runs_was_allowed_to(
            rules in prop::collection::vec(rules(), 0..4),
            context in contexts(),
            is_own in any::<bool>(),
            hours in prop::option::of(0..48i64),
            runs_last_hour in 0..3u32,
        ) {
            let put_back_at = hours.map(|hours| now() - TimeDelta::hours(hours));
            let history = History { is_own, put_back_at, runs_last_hour };
            let (mode, decision) = decide(&rules, &repair(), context.as_ref(), &history, now());
            match decision {
                Decision::Run => {
                    let rule = rules.iter().find(|rule| rule.fits(&repair(), context.as_ref()) == Fit::Yes).unwrap();
                    prop_assert_eq!(mode, Mode::Auto);
                    prop_assert!(!is_own && !rule.exempts_principal(&repair()));
                    prop_assert_eq!(rule.exempts_tags(context.as_ref()), Some(false));
                    prop_assert!(hours.is_none_or(|hours| hours > 24));
                    prop_assert!(runs_last_hour < rule.most_per_hour);
                }
                Decision::Wait { expires_at, .. } => {
                    prop_assert!(mode != Mode::Observe && !is_own && expires_at > now());
                }
                Decision::Ignore { .. } => prop_assert!(is_own),
                _ => {}
            }
        }

        /// An observing configuration does nothing, whatever else it says.
        #[test]
        fn observing_never_acts(rule in rules(), context in contexts(), runs_last_hour in 0..3u32) {
            let rule = PlaybookRule { mode: Mode::Observe, ..rule };
            let history = History { runs_last_hour, ..History::default() };
            let decision = decide(&[rule], &repair(), context.as_ref(), &history, now()).1;
            let acts = matches!(decision, Decision::Run | Decision::Wait { .. } | Decision::Escalate { .. });
            prop_assert!(!acts);
        }
    }
}
