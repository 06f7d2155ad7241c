//! What is rare in an organisation's day and no attack: a use of the root user, an Insight.

use super::teller::Teller;
use crate::config::SimError;
use crate::identity::Actor;
use crate::org::{ACCOUNTS, DEVELOPMENT, REGIONS, SECURITY, US_EAST_1};
use crate::record::Fate;
use crate::text::{iso, put};

/// Fewer events a day than this, and the day is too small for rarities.
const ENOUGH: u64 = 500;

pub(super) fn tell(teller: &mut Teller<'_>) -> Result<(), SimError> {
    if teller.config.events / u64::from(teller.config.days) < ENOUGH {
        return Ok(());
    }
    // The quarterly test of the break-glass credentials, with a hardware token.
    let browser = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36";
    let place = (SECURITY, US_EAST_1);
    let signed_in = teller.at(9, 12, 31);
    let door = Actor::root(SECURITY, None).from("203.0.113.10", browser);
    teller.event(
        signed_in,
        place,
        &door,
        "signin:ConsoleLogin",
        Fate::Succeeds,
        &[("mfa", "Yes".to_owned())],
    )?;
    let inside = Actor::root(SECURITY, Some(signed_in)).from("203.0.113.10", browser);
    teller.event(teller.at(9, 12, 44), place, &inside, "iam:GetAccountSummary", Fate::Succeeds, &[])?;
    for day in 0..teller.config.days {
        teller.set_day(day);
        let actor = "arn:aws:iam::777788889999:role/terraform-plan";
        let unusual = Insight {
            kind: "ApiCallRateInsight",
            service: "ec2",
            call: "DescribeSecurityGroups",
            error: "",
            actor,
            rates: (1.37, 21.4),
        };
        let (begins, ends) = (teller.at(14, 3, 0), teller.at(14, 21, 0));
        unusual.tell(teller, (DEVELOPMENT, US_EAST_1), begins, ends);
    }
    Ok(())
}

/// A pair of CloudTrail Insights events: something began to be unusual, and ended.
pub(super) struct Insight {
    pub(super) kind: &'static str,
    pub(super) service: &'static str,
    pub(super) call: &'static str,
    /// The error code that the insight is about, if it is about errors.
    pub(super) error: &'static str,
    pub(super) actor: &'static str,
    /// Calls a minute: usually, and now.
    pub(super) rates: (f64, f64),
}

impl Insight {
    /// Tells both events.
    pub(super) fn tell(&self, teller: &mut Teller<'_>, place: (usize, usize), begins: i64, ends: i64) {
        let mut shared = Vec::new();
        teller.dice.uuid(&mut shared);
        for (time, state) in [(begins, "Start"), (ends, "End")] {
            let mut id = Vec::new();
            teller.dice.uuid(&mut id);
            let mut out = Vec::with_capacity(1_500);
            self.write(place, time, (state, begins, ends), (&id, &shared), &mut out);
            teller.insight(time, place, &String::from_utf8_lossy(&id), out);
        }
    }

    fn write(
        &self,
        (account, region): (usize, usize),
        time: i64,
        (state, begins, ends): (&str, i64, i64),
        (id, shared): (&[u8], &[u8]),
        out: &mut Vec<u8>,
    ) {
        put(out, r#"{"eventVersion":"1.09","eventTime":""#);
        iso(out, time);
        put(out, &format!(r#"","awsRegion":"{}","eventID":""#, REGIONS[region]));
        out.extend_from_slice(id);
        put(
            out,
            &format!(
                r#"","eventType":"AwsCloudTrailInsight","recipientAccountId":"{}","sharedEventID":""#,
                ACCOUNTS[account].id
            ),
        );
        out.extend_from_slice(shared);
        put(
            out,
            &format!(
                r#"","insightDetails":{{"state":"{state}","eventSource":"{}.amazonaws.com","eventName":"{}","insightType":"{}""#,
                self.service, self.call, self.kind
            ),
        );
        if !self.error.is_empty() {
            put(out, &format!(r#","errorCode":"{}""#, self.error));
        }
        let (usual, now) = self.rates;
        put(
            out,
            &format!(
                r#","insightContext":{{"statistics":{{"baseline":{{"average":{usual}}},"insight":{{"average":{now}}}"#
            ),
        );
        if state == "End" {
            put(out, &format!(r#","insightDuration":{}"#, (ends - begins) / 60));
        }
        put(out, r#","baselineDuration":10080},"attributions":["#);
        put(
            out,
            &format!(
                r#"{{"attribute":"userIdentityArn","insight":[{{"value":"{}","average":{now}}}],"baseline":[{{"value":"{}","average":{usual}}}]}},"#,
                self.actor, self.actor
            ),
        );
        put(
            out,
            &format!(
                r#"{{"attribute":"errorCode","insight":[{{"value":"{}","average":{now}}}],"baseline":[{{"value":"null","average":{usual}}}]}}"#,
                if self.error.is_empty() { "null" } else { self.error }
            ),
        );
        put(out, r#"]}},"eventCategory":"Insight"}"#);
    }
}
