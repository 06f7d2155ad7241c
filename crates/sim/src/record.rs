//! Writes one CloudTrail event: the envelope round a call's own parts.
//!
//! Field order and presence follow
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>.

use crate::calls::{ReadyCall, Sort, Style};
use crate::org::{ACCOUNTS, REGIONS};
use crate::template::Scene;
use crate::text::{iso, put};

/// How a call ends.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    /// As chance has it: most succeed.
    Chance,
    Succeeds,
    /// The caller is not allowed to.
    Refused,
    /// With this message and no code, as sign-in does.
    Message(&'static str),
}

/// What went wrong, if anything did.
enum Wrong {
    Nothing,
    Refused,
    Throttled,
    Own,
    Message(&'static str),
    Endpoint,
}

/// Services that say `AccessDenied`; all others say `AccessDeniedException`.
const PLAINLY_DENIED: [&str; 14] = [
    "autoscaling",
    "cloudformation",
    "cloudfront",
    "elasticloadbalancing",
    "iam",
    "kms",
    "monitoring",
    "organizations",
    "rds",
    "route53",
    "s3",
    "sns",
    "sqs",
    "sts",
];

/// Appends the event to `out`; gives back where in `out` its 36-letter `eventID` stands.
/// The request's id is left in `scene.request_id`.
pub(crate) fn write_event(scene: &mut Scene<'_>, call: &ReadyCall, fate: Fate, out: &mut Vec<u8>) -> usize {
    let sort = call.call.sort;
    let wrong = decide(scene, call, fate);
    scene.request_id.clear();
    if call.service.style == Style::S3 {
        scene.dice.base32(&mut scene.request_id, 16);
    } else {
        scene.dice.uuid(&mut scene.request_id);
    }
    write_head(scene, call, out);
    write_error(scene, call, &wrong, out);
    write_payload(scene, call, &wrong, out);
    if sort != Sort::SignIn && sort != Sort::ServiceEvent {
        put(out, r#","requestID":""#);
        out.extend_from_slice(&scene.request_id);
        out.push(b'"');
    }
    put(out, r#","eventID":""#);
    let event_id = out.len();
    scene.dice.uuid(out);
    write_tail(scene, call, out);
    event_id
}

fn decide(scene: &mut Scene<'_>, call: &ReadyCall, fate: Fate) -> Wrong {
    match fate {
        Fate::Succeeds => Wrong::Nothing,
        Fate::Refused => Wrong::Refused,
        Fate::Message(message) => Wrong::Message(message),
        Fate::Chance if call.call.sort == Sort::Network => Wrong::Endpoint,
        Fate::Chance => {
            if scene.actor.by_service || matches!(call.call.sort, Sort::SignIn | Sort::ServiceEvent) {
                return Wrong::Nothing;
            }
            let draw = scene.dice.below(10_000);
            let own = call.call.failure.map_or(0, |failure| failure.per_mille * 10);
            match draw {
                0..12 if !scene.actor.arn.is_empty() => Wrong::Refused,
                12..20 => Wrong::Throttled,
                _ if draw >= 20 && draw < 20 + own => Wrong::Own,
                _ => Wrong::Nothing,
            }
        }
    }
}

fn write_head(scene: &Scene<'_>, call: &ReadyCall, out: &mut Vec<u8>) {
    put(out, r#"{"eventVersion":""#);
    put(out, call.service.version);
    put(out, r#"","userIdentity":"#);
    if call.call.sort == Sort::ServiceEvent {
        put(out, r#"{"accountId":""#);
        put(out, ACCOUNTS[scene.account].id);
        put(out, r#"","invokedBy":""#);
        put(out, call.service.name);
        put(out, r#".amazonaws.com"}"#);
    } else {
        out.extend_from_slice(&scene.actor.identity);
    }
    put(out, r#","eventTime":""#);
    iso(out, scene.time);
    put(out, r#"","eventSource":""#);
    put(out, call.service.name);
    put(out, r#".amazonaws.com","eventName":""#);
    put(out, call.call.name);
    put(out, r#"","awsRegion":""#);
    put(out, REGIONS[scene.region]);
    put(out, r#"","sourceIPAddress":""#);
    put(out, &scene.actor.address);
    put(out, r#"","userAgent":""#);
    put(out, &scene.actor.agent);
    out.push(b'"');
}

fn write_error(scene: &mut Scene<'_>, call: &ReadyCall, wrong: &Wrong, out: &mut Vec<u8>) {
    let mut pair = |code: &str, message: &str| {
        put(out, r#","errorCode":""#);
        put(out, code);
        put(out, r#"","errorMessage":""#);
        put(out, message);
        out.push(b'"');
    };
    match wrong {
        Wrong::Nothing => {}
        Wrong::Refused => {
            let code = match call.service.style {
                Style::Ec2 => "Client.UnauthorizedOperation",
                _ if PLAINLY_DENIED.contains(&call.service.name) => "AccessDenied",
                _ => "AccessDeniedException",
            };
            pair(code, &refusal(scene, call));
        }
        Wrong::Throttled if call.service.style == Style::Ec2 => {
            pair("Client.RequestLimitExceeded", "Request limit exceeded.");
        }
        Wrong::Throttled if call.service.style == Style::S3 => {
            pair("SlowDown", "Please reduce your request rate.");
        }
        Wrong::Throttled => pair("ThrottlingException", "Rate exceeded"),
        Wrong::Endpoint => {
            pair("VpceAccessDenied", "The request was denied due to a VPC endpoint policy");
        }
        Wrong::Message(message) => {
            put(out, r#","errorMessage":""#);
            put(out, message);
            out.push(b'"');
        }
        Wrong::Own => {
            put(out, r#","errorCode":""#);
            put(out, call.call.failure.map_or("", |failure| failure.code));
            put(out, r#"","errorMessage":""#);
            if let Some(message) = &call.failure_message {
                message.write(scene, out);
            }
            out.push(b'"');
        }
    }
}

/// The text with which AWS refuses, which names the caller, the action and why.
fn refusal(scene: &Scene<'_>, call: &ReadyCall) -> String {
    let service = match call.service.name {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        name => name,
    };
    // `ListFunctions20150331` and `GetFunction20150331v2` are `lambda:ListFunctions` and so on.
    let action = call.call.name.split("2015").next().unwrap_or(call.call.name);
    let caller = &scene.actor.arn;
    let account = ACCOUNTS[scene.account].id;
    let region = if call.service.global { "" } else { REGIONS[scene.region] };
    let prefix = match call.service.style {
        Style::Ec2 => "You are not authorized to perform this operation. ",
        _ => "",
    };
    format!(
        "{prefix}User: {caller} is not authorized to perform: {service}:{action} on resource: \
         arn:aws:{service}:{region}:{account}:* because no identity-based policy allows the \
         {service}:{action} action"
    )
}

fn write_payload(scene: &mut Scene<'_>, call: &ReadyCall, wrong: &Wrong, out: &mut Vec<u8>) {
    put(out, r#","requestParameters":"#);
    let unrecorded = matches!(wrong, Wrong::Refused) && call.service.style == Style::Json;
    if unrecorded || matches!(wrong, Wrong::Endpoint) {
        put(out, "null");
    } else {
        call.request.write(scene, out);
    }
    put(out, r#","responseElements":"#);
    match wrong {
        Wrong::Nothing => call.response.write(scene, out),
        Wrong::Message(_) => {
            put(out, r#"{""#);
            put(out, call.call.name);
            put(out, r#"":"Failure"}"#);
        }
        _ => put(out, "null"),
    }
    if let Some(extra) = &call.extra
        && call.call.sort != Sort::ServiceEvent
    {
        put(out, r#","additionalEventData":"#);
        extra.write(scene, out);
    }
}

fn write_tail(scene: &mut Scene<'_>, call: &ReadyCall, out: &mut Vec<u8>) {
    let sort = call.call.sort;
    let read_only = matches!(sort, Sort::Read | Sort::DataRead | Sort::Network);
    put(out, if read_only { r#"","readOnly":true"# } else { r#"","readOnly":false"# });
    if let Some(resources) = &call.resources {
        put(out, r#","resources":["#);
        resources.write(scene, out);
        out.push(b']');
    }
    let (kind, management, category) = match sort {
        Sort::Read | Sort::Write => ("AwsApiCall", true, "Management"),
        Sort::DataRead | Sort::DataWrite => ("AwsApiCall", false, "Data"),
        Sort::SignIn => ("AwsConsoleSignIn", true, "Management"),
        Sort::ServiceEvent => ("AwsServiceEvent", true, "Management"),
        Sort::Network => ("AwsVpceEvent", false, "NetworkActivity"),
    };
    put(out, r#","eventType":""#);
    put(out, kind);
    if let Some(version) = call.service.api_version {
        put(out, r#"","apiVersion":""#);
        put(out, version);
    }
    put(out, if management { r#"","managementEvent":true"# } else { r#"","managementEvent":false"# });
    put(out, r#","recipientAccountId":""#);
    put(out, ACCOUNTS[scene.account].id);
    out.push(b'"');
    if let Some((_, id)) = scene.facts.iter().find(|(name, _)| *name == "shared_event") {
        put(out, r#","sharedEventID":""#);
        put(out, id);
        out.push(b'"');
    }
    if let (Sort::ServiceEvent, Some(details)) = (sort, &call.extra) {
        put(out, r#","serviceEventDetails":"#);
        details.write(scene, out);
    }
    if let Some(endpoint) = &scene.actor.endpoint {
        put(out, r#","vpcEndpointId":""#);
        put(out, endpoint);
        put(out, r#"","vpcEndpointAccountId":""#);
        put(out, ACCOUNTS[scene.account].id);
        out.push(b'"');
    }
    put(out, r#","eventCategory":""#);
    put(out, category);
    out.push(b'"');
    if !scene.actor.by_service && sort != Sort::ServiceEvent {
        write_tls(scene, call, out);
    }
    if scene.actor.console && sort != Sort::SignIn {
        put(out, r#","sessionCredentialFromConsole":"true""#);
    }
    out.push(b'}');
}

fn write_tls(scene: &Scene<'_>, call: &ReadyCall, out: &mut Vec<u8>) {
    // Old Java runtimes still speak 1.2; it depends on the client, hence on its user agent.
    let version = if scene.actor.agent.len().is_multiple_of(5) {
        r#"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256"#
    } else {
        r#"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256"#
    };
    put(out, r#","tlsDetails":{"tlsVersion":""#);
    put(out, version);
    put(out, r#"","clientProvidedHostHeader":""#);
    match call.service.name {
        "iam" | "route53" | "cloudfront" => put(out, call.service.name),
        "signin" => {
            put(out, REGIONS[scene.region]);
            put(out, ".signin.aws");
        }
        name => {
            put(out, if name == "ecr" { "api.ecr" } else { name });
            out.push(b'.');
            put(out, REGIONS[scene.region]);
        }
    }
    put(out, r#".amazonaws.com"}"#);
}
