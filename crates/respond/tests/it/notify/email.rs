//! E-mail to a real mail server.

use trailkeep_respond::route::Action;
use trailkeep_testkit::{SmtpSecurity, SmtpServer, smtp};

use super::{channel, message, ticket};

fn settings(server: &SmtpServer, host: &str, security: &str, authority: bool) -> String {
    let authority =
        if authority { format!("\nca_file = \"{}\"", server.authority().display()) } else { String::new() };
    format!(
        "host = \"{host}\"\nport = {}\nsecurity = \"{security}\"\nfrom = \"Trailkeep <trailkeep@example.com>\"\n\
         to = [\"Team <team@example.com>\", \"oncall@example.com\"]{authority}",
        server.port()
    )
}

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let line = mail.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {mail}")).trim()
}

#[tokio::test]
async fn mail_arrives_over_tls_in_two_parts_and_one_thread() {
    for (kind, security) in [(SmtpSecurity::StartTls, "starttls"), (SmtpSecurity::Tls, "tls")] {
        let Some(server) = smtp(kind) else { return };
        let email = channel("email", &settings(&server, "localhost", security, true));
        for message in [message(Action::Open, 1, None), message(Action::Resolve, 2, ticket("x"))] {
            email
                .channel
                .send(&message)
                .await
                .unwrap_or_else(|error| panic!("{security}: {error}\n{}", server.log()));
        }
        let mut mails = server.mails();
        mails.sort_by_key(|mail| header(mail, "X-Trailkeep-Key:").to_owned());
        let [first, second] = &mails[..] else { panic!("{} mails", mails.len()) };
        assert!(header(first, "Subject:").starts_with("[HIGH] Security group opened to the world"));
        assert_eq!(header(first, "From:"), "Trailkeep <trailkeep@example.com>");
        assert_eq!(header(first, "Auto-Submitted:"), "auto-generated");
        let id = "<n.fedcba9876543210fedcba9876543210.1@example.com>";
        assert_eq!(header(first, "Message-ID:"), id);
        assert_eq!(header(second, "In-Reply-To:"), id);
        assert!(header(second, "Subject:").starts_with("[RESOLVED]"));
        for part in ["multipart/alternative", "text/plain", "text/html", "Account: 111122223333"] {
            assert!(first.contains(part), "{part} in {first}");
        }
        let (_, html) = first.split_once("text/html").unwrap();
        assert!(!html.contains("<b>*now*") && html.contains("&lt;b&gt;"), "escaped: {html}");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_gets_nothing() {
    let Some(server) = smtp(SmtpSecurity::StartTls) else { return };
    let email = channel("email", &settings(&server, "localhost", "starttls", false));
    let error = email.channel.send(&message(Action::Open, 1, None)).await.unwrap_err();
    assert!(error.retryable, "{error}");
    let Some(plain) = smtp(SmtpSecurity::Plain) else { return };
    let email = channel("email", &settings(&plain, "localhost", "starttls", true));
    let error = email.channel.send(&message(Action::Open, 1, None)).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("tls"), "{error}");
    assert!(server.mails().is_empty() && plain.mails().is_empty());
}

#[tokio::test]
async fn without_tls_only_to_this_machine() {
    let Some(server) = smtp(SmtpSecurity::Plain) else { return };
    let email = channel("email", &settings(&server, "127.0.0.1", "none", false));
    email.channel.send(&message(Action::Open, 1, None)).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}
