use super::*;

fn error(text: &str) -> String {
    let section = match toml::from_str::<RespondSection>(text) {
        Ok(section) => section,
        Err(error) => return error.to_string(),
    };
    section.resolve(&Scope::for_tests()).unwrap_err().to_string()
}

const CHAT: &str =
    "[[channel]]\nname = \"chat\"\ntype = \"slack\"\nurl = \"https://hooks.slack.com/services/T/B/x\"\n";

#[test]
fn nothing_is_a_configuration() {
    let config = RespondConfig::parse_for_tests("");
    assert!(config.channels.is_empty() && config.silences.is_empty());
    assert_eq!(config.routing.root.policy, crate::route::Policy::default());
}

#[test]
fn playbooks_are_read_and_checked() {
    let config = RespondConfig::parse_for_tests(
        "roles = [\"arn:aws:iam::111122223333:role/trailkeep-respond\"]\n\
         [[playbook]]\nname = \"security-group-rules\"\nmode = \"auto\"",
    );
    assert_eq!(config.playbooks.rules[0].mode, crate::playbook::Mode::Auto);
    assert_eq!(config.playbooks.roles.len(), 1);
    assert!(RespondConfig::default().playbooks.rules.is_empty(), "nothing is touched that nobody named");
    let wrong = error("[[playbook]]\nname = \"security-grp\"");
    assert!(wrong.contains("security-grp") && wrong.contains("security-group-rules"), "{wrong}");
    let both = error("roles = [\"x\"]\norganization_role = \"y\"");
    assert!(both.contains("respond.organization_role"), "{both}");
}

#[test]
fn who_may_press_buttons_in_slack() {
    let text = "[slack]\nsigning_secret = \"env:SET_0123\"\nusers = { U012 = \"responder\" }";
    let slack = RespondConfig::parse_for_tests(text).slack.unwrap();
    assert_eq!(
        (slack.signing_secret.reveal(), slack.users["U012"]),
        ("0123", trailkeep_state::Role::Responder)
    );
    let wrong = error(&text.replace("\"responder\"", "\"boss\""));
    assert!(wrong.contains("respond.slack.users.U012"), "{wrong}");
}

#[test]
fn routes_inherit_what_they_leave_out() {
    let config = RespondConfig::parse_for_tests(&format!(
        "channels = [\"chat\"]\ngroup_wait = \"10s\"\nrepeat = \"never\"\n{CHAT}\n\
         [[route]]\nname = \"a\"\ngroup_interval = \"1m\"\n\
         [[route.route]]\nchannels = []\n"
    ));
    let a = &config.routing.root.children[0];
    let below = &a.children[0];
    assert_eq!((a.policy.channels.len(), below.policy.channels.len()), (1, 0));
    assert_eq!(below.name, "route 1.1");
    assert_eq!(below.policy.group_wait.num_seconds(), 10);
    assert_eq!((below.policy.group_interval.num_seconds(), below.policy.repeat), (60, None));
}

#[test]
fn secrets_come_from_where_they_are_and_show_nowhere() {
    let config = RespondConfig::parse_for_tests(
        "[[channel]]\nname = \"page\"\ntype = \"pagerduty\"\nrouting_key = \"env:SET_0123456789abcdef0123456789abcdef\"",
    );
    assert!(!format!("{config:?}").contains("0123456789abcdef"));
    assert_eq!(config.channel("page").unwrap().kind, "pagerduty");
}

#[test]
fn mistakes_are_named_with_their_key() {
    let silence = "[[silence]]\nends_at = \"2026-06-02T06:00:00Z\"\n";
    for (text, expected) in [
        ("every = 1", "unknown field `every`"),
        ("channels = [\"ops\"]", "respond.channels: there is no channel \"ops\""),
        ("fallback = \"ops\"", "respond.fallback: there is no channel \"ops\""),
        ("[[channel]]\ntype = \"slack\"", "respond.channel (1.).name: every channel needs a name"),
        ("[[channel]]\nname = \"a b\"\ntype = \"slack\"", "\"a b\": a name has letters"),
        ("[[channel]]\nname = \"a\"", "respond.channel.a.type: one of sns, email, slack"),
        ("[[channel]]\nname = \"a\"\ntype = \"fax\"", "there is no type \"fax\""),
        (
            "[[channel]]\nname = \"a\"\ntype = \"slack\"",
            "respond.channel.a.url: give url (a webhook's), or token and channel",
        ),
        (&format!("{CHAT}colour = 1"), "respond.channel.chat: unknown field `colour`"),
        (&format!("{CHAT}rate = 5"), "respond.channel.chat.rate: write { messages = 10"),
        (&format!("{CHAT}timeout = \"soon\""), "respond.channel.chat.timeout: \"soon\": write a time"),
        (&format!("{CHAT}{CHAT}"), "respond.channel.chat: two channels have this name"),
        (
            "[[channel]]\nname = \"a\"\ntype = \"slack\"\nurl = \"env:NONE\"",
            "respond.channel.a.url: the environment variable NONE",
        ),
        ("[[channel]]\nname = \"a\"\ntype = \"slack\"\nurl = \"http://hooks.example.com/\"", "in the clear"),
        (
            "[[channel]]\nname = \"a\"\ntype = \"slack\"\nurl = \"https://169.254.169.254/\"",
            "private address",
        ),
        ("[[route]]\nname = \"a\"\n[[route]]\nname = \"a\"", "respond.route.a: two routes have this name"),
        ("[[route]]\nname = \"a\"\nrepeat = \"5\"", "respond.route.a.repeat: \"5\": write a time"),
        (
            "[[route]]\nname = \"a\"\nescalate = [{ after = \"5m\", channels = [] }]",
            "a step that tells nobody",
        ),
        (
            &format!(
                "{CHAT}[[route]]\nname = \"a\"\nescalate = [{{ after = \"5m\", channels = [\"chat\"] }}, {{ after = \"5m\", channels = [\"chat\"] }}]"
            ),
            "later than the one before",
        ),
        ("[[route]]\nmatch = { level = \"urgent\" }", "unknown variant `urgent`"),
        ("[[route]]\nmatch = { rule = \"a[\" }", "'a[' is no pattern"),
        ("[[route]]\nactive = [{ zone = \"Mars/Olympus\" }]", "is no time zone"),
        ("[[route]]\nactive = [{ days = \"monday\" }]", "is no day"),
        ("[[route]]\nactive = [{ from = \"25:00\" }]", "is no time"),
        (&format!("{silence}match = {{}}"), "it would silence everything"),
        (
            &format!("{silence}match = {{ rule = \"a\" }}\nstarts_at = \"2027-01-01T00:00:00Z\""),
            "must end after it begins",
        ),
        (&format!("{silence}match = {{ rule = \"a\" }}\nstarts_at = \"yesterday\""), "write a time such as"),
    ] {
        let message = error(text);
        assert!(message.contains(expected), "{text}\n→ {message}");
    }
}

/// What the documentation shows is what is read.
#[test]
fn the_examples_of_the_documentation_work() {
    let page = include_str!("../../../../docs/responses.md");
    let blocks: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect();
    assert_eq!(blocks.len(), 5);
    let mut text = blocks.concat();
    for name in ["mail", "pager", "net-chat", "net-tickets"] {
        text.push_str(&format!(
            "[[respond.channel]]\nname = \"{name}\"\ntype = \"teams\"\nurl = \"https://example.com/x\"\n"
        ));
    }
    #[derive(serde::Deserialize)]
    struct File {
        respond: RespondSection,
    }
    let file: File = toml::from_str(&text).unwrap();
    let scope = Scope { variable: &|_| Some("xoxb-1".to_owned()), ..Scope::for_tests() };
    let config = file.respond.resolve(&scope).unwrap();
    assert_eq!((config.channels.len(), config.silences.len(), config.routing.root.children.len()), (5, 1, 3));
    assert_eq!((config.routing.inhibit.len(), config.slack.map(|slack| slack.users.len())), (1, Some(2)));
    // Every type has its row, and every row its type.
    let rows: Vec<&str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    for kind in crate::channel::names() {
        assert!(rows.contains(&kind), "{kind} has no row in docs/responses.md");
    }
}
