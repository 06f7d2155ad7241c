//! `[respond]` as it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trailkeep_detect::Level;

use crate::playbook::PlaybookRule;
use crate::route::{Digest, Inhibition, Label, Matcher, TimeWindow};

/// `[respond]`. The keys of a route stand here for the root of the tree, which every incident
/// takes. Times are written `30s`, `5m`, `12h`, `7d`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RespondSection {
    /// The profile in the AWS configuration files. Default: as `AWS_PROFILE` says.
    pub profile: Option<String>,
    /// The roles, with the policy of `trailkeep iam-policy respond`, through which changes are put
    /// back in their accounts. Default: the own account.
    pub roles: Vec<String>,
    /// All active accounts of the organisation, each through its role of this name.
    pub organization_role: Option<String>,
    /// The external id that the roles' trust policies ask for: a secret.
    pub external_id: Option<String>,
    /// The Regions whose resources are listed from time to time, to know what was there before a
    /// change. Default: those that are enabled in each account.
    pub regions: Vec<String>,
    /// What playbooks may do, and where: the first that fits counts. Without any, nothing is looked at.
    pub playbook: Vec<PlaybookRule>,
    /// Findings below this level make no incidents. Default: `low`.
    pub min_level: Option<Level>,
    /// Buttons in Slack.
    pub slack: Option<SlackSection>,
    /// Who is told, by name of channel, when no route says otherwise.
    pub channels: Vec<String>,
    /// What the incidents of one message have in common: `account`, `region`, `owner`, `rule`,
    /// `kind`, `level`, `entity`, `actor`, `incident`. Default: `["rule", "account"]`.
    pub group_by: Option<Vec<Label>>,
    /// How long a new group waits for more, unless it is urgent. Default: `30s`.
    pub group_wait: Option<String>,
    /// Time between two messages of a group, unless it is urgent. Default: `5m`.
    pub group_interval: Option<String>,
    /// What nobody has taken is told again after this time; `never`. Default: `4h`.
    pub repeat: Option<String>,
    /// What is below a level is told once an hour or a day.
    pub digest: Option<Digest>,
    /// Messages are held outside of these hours.
    pub active: Option<Vec<TimeWindow>>,
    /// Who is told when nobody takes it in time.
    pub escalate: Option<Vec<StepSection>>,
    /// Incidents of this level and above wait for nothing. Default: `high`.
    pub urgent: Option<Level>,
    /// Time between two messages of an urgent group. Default: `30s`.
    pub urgent_interval: Option<String>,
    /// A signal comes into the incident of its rule and entity when it follows the last one within
    /// this time. Default: `4h`.
    pub window: Option<String>,
    /// Resolve an incident when its alarm is OK, or its check passes. Default: `true`.
    pub resolve_cleared: Option<bool>,
    /// Resolve a finding's incident when nothing came for so long; `never`. Default: `never`.
    pub resolve_quiet: Option<String>,
    /// The channel that gets what another could not deliver, with the reason. Default: none; it is
    /// shown in the console and logged.
    pub fallback: Option<String>,
    /// Channels: `name`, `type`, and the settings of the type.
    pub channel: Vec<Map<String, Value>>,
    /// Routes.
    pub route: Vec<RouteSection>,
    /// Silences.
    pub silence: Vec<SilenceSection>,
    /// Inhibitions.
    pub inhibit: Vec<Inhibition>,
}

/// `[[respond.route]]`. What is left out is the parent's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RouteSection {
    /// Its name. Default: its place, `route 2.1`.
    pub name: Option<String>,
    /// Which incidents take it. Default: all.
    #[serde(rename = "match")]
    pub matcher: Matcher,
    /// Look at the routes after it too. Default: `false`.
    #[serde(rename = "continue")]
    pub go_on: bool,
    /// Who is told, by name of channel; `[]`: nobody.
    pub channels: Option<Vec<String>>,
    /// As of `[respond]`.
    pub group_by: Option<Vec<Label>>,
    /// As of `[respond]`.
    pub group_wait: Option<String>,
    /// As of `[respond]`.
    pub group_interval: Option<String>,
    /// As of `[respond]`.
    pub repeat: Option<String>,
    /// As of `[respond]`.
    pub digest: Option<Digest>,
    /// As of `[respond]`; `[]`: at all hours.
    pub active: Option<Vec<TimeWindow>>,
    /// As of `[respond]`; `[]`: nobody.
    pub escalate: Option<Vec<StepSection>>,
    /// Routes below it. The first that matches is taken.
    pub route: Vec<RouteSection>,
}

/// A step of `escalate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSection {
    /// So long after the first message nobody has acknowledged the incident.
    pub after: String,
    /// Who is told then, by name of channel.
    pub channels: Vec<String>,
}

/// `[[respond.silence]]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilenceSection {
    /// Which incidents it holds.
    #[serde(rename = "match")]
    pub matcher: Matcher,
    /// From when, `2026-06-01T22:00:00Z`. Default: always.
    #[serde(default)]
    pub starts_at: Option<String>,
    /// Until when, `2026-06-02T06:00:00Z`.
    pub ends_at: String,
    /// Why.
    #[serde(default)]
    pub comment: String,
}

/// `[respond.slack]`: who may press the buttons of messages in Slack. The app's request URL is
/// `/hooks/slack`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlackSection {
    /// The app's signing secret: a secret.
    pub signing_secret: String,
    /// Slack's id of a person → `analyst` (takes and closes incidents), `responder` (approves and
    /// takes back responses too) or `admin`. Others are refused.
    #[serde(default)]
    pub users: BTreeMap<String, String>,
}
