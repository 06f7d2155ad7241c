//! What resources were before: states from inventories, from reads after events, and from the events
//! themselves.
//!
//! The state that counts for an event is the last one that was seen before it. Events come late and in any
//! order, so a few versions are kept of each state ([`trailkeep_state::Priors`]).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};
use serde_json::Value;
use trailkeep_aws::api::Operation;
use trailkeep_baseline::inventory::GLOBAL;
use trailkeep_baseline::{Answer, Inventory, Json};
use trailkeep_state::{PriorState, StateError};

use super::event::{Event, field, list, text, unwrapped};
use super::facet::Facet;
use super::facets::{self, alarm, balancer, bucket, flow_logs, kms, network_acl, security_group, trail, waf};
use super::plan::{Need, Playbook, Priors, Remedy, Repair};
use super::state::Parts;

/// The states of resources, kept in the state database.
#[derive(Clone, Debug)]
pub struct Memory {
    store: trailkeep_state::Priors,
}

impl Memory {
    /// Over a state database.
    #[must_use]
    pub fn new(state: &trailkeep_state::State) -> Self {
        Self { store: state.priors() }
    }

    /// Keeps what an inventory says of the resources that playbooks put back. Returns how many states were
    /// kept.
    ///
    /// # Errors
    /// When the state database cannot be written.
    pub async fn learn(&self, inventory: &Inventory) -> Result<usize, StateError> {
        // Answers come while it is collected: what counts as seen is the beginning.
        let seen_at = inventory.collected_at;
        let mut states = Vec::new();
        for account in inventory.accounts.values() {
            for (region, calls) in &account.answers {
                for facet in facets::all() {
                    let Some(answers) = calls.get(&facet.read.key()) else { continue };
                    for (resource, answer) in answers {
                        let asked = if resource.is_empty() && facet.name == bucket::ACCOUNT_PUBLIC_ACCESS.name
                        {
                            &account.id
                        } else {
                            resource
                        };
                        let documents = match answer {
                            Answer::Output(output) => (facet.documents)(asked, output),
                            Answer::Absent(_) => vec![(asked.clone(), Parts::new())],
                            Answer::Failed(_) => continue,
                        };
                        states.extend(kept(facet, &account.id, region, "inventory", seen_at, documents));
                    }
                }
            }
        }
        self.store.remember(&states).await
    }

    /// Keeps what an answer says: of the subject that was asked about, and of all else in it.
    pub(super) async fn learn_output(
        &self,
        place: (&str, &str),
        facet: &'static Facet,
        subject: &str,
        output: &Value,
        seen_at: DateTime<Utc>,
    ) -> Result<(), StateError> {
        let mut states = Vec::new();
        for sibling in facets::all().filter(|sibling| is_same(sibling.read, facet.read)) {
            let asked = if sibling.name == facet.name { subject } else { "" };
            let documents = match output {
                Value::Null if sibling.name == facet.name => vec![(subject.to_owned(), Parts::new())],
                Value::Null => continue,
                output => (sibling.documents)(asked, output),
            };
            states.extend(kept(sibling, place.0, place.1, "read", seen_at, documents));
        }
        self.store.remember(&states).await?;
        Ok(())
    }

    /// The states that a playbook asks for, as they were before the event.
    pub(super) async fn look_up(&self, event: &Event, playbook: &Playbook) -> Result<Priors, StateError> {
        let mut priors = Priors::default();
        for need in (playbook.needs)(event) {
            if let Some(state) = self.before(event, need.facet, &need.subject).await? {
                priors.insert(need.facet, &need.subject, state);
            }
        }
        Ok(priors)
    }

    async fn before(&self, event: &Event, facet: &Facet, subject: &str) -> Result<Option<Parts>, StateError> {
        let mut latest: Option<PriorState> = None;
        // Inventories keep what CloudFront's web ACLs say without a Region.
        for region in [place(facet, &event.region), GLOBAL] {
            let found = self.store.before(&event.account, region, facet.name, subject, event.time).await?;
            latest = latest.into_iter().chain(found).max_by_key(|state| state.seen_at);
        }
        Ok(latest.and_then(|found| found.state.as_object().cloned()))
    }

    /// Keeps what an event made, so that an event soon after it finds the state between them.
    pub(super) async fn learn_event(&self, event: &Event, repairs: &[Repair]) -> Result<(), StateError> {
        let mut states: HashMap<(&str, &str), (&'static Facet, Parts)> = HashMap::new();
        for repair in repairs {
            let Remedy::PutBack { facet: name, subject, made, .. } = &repair.remedy else { continue };
            let Some(facet) = facets::find(name) else { continue };
            let entry = match states.entry((facet.name, subject.as_str())) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => match self.before(event, facet, subject).await? {
                    Some(state) => entry.insert((facet, state)),
                    None => continue,
                },
            };
            made.iter().for_each(|(part, value)| (facet.put)(&mut entry.1, part, value));
        }
        let states: Vec<PriorState> = states
            .into_iter()
            .flat_map(|((_, subject), (facet, state))| {
                let documents = vec![(subject.to_owned(), state)];
                kept(facet, &event.account, &event.region, "event", event.time, documents)
            })
            .collect();
        self.store.remember(&states).await?;
        Ok(())
    }
}

/// Operations are statics: the same one is at the same place.
fn is_same(one: &'static Operation, other: &'static Operation) -> bool {
    std::ptr::eq(one, other)
}

fn place<'a>(facet: &Facet, region: &'a str) -> &'a str {
    if facet.is_global { GLOBAL } else { region }
}

fn kept(
    facet: &Facet,
    account: &str,
    region: &str,
    source: &str,
    seen_at: DateTime<Utc>,
    documents: Vec<(String, Parts)>,
) -> Vec<PriorState> {
    let state = |(subject, parts): (String, Parts)| PriorState {
        account_id: account.to_owned(),
        region: place(facet, region).to_owned(),
        facet: facet.name.to_owned(),
        subject,
        seen_at,
        source: source.to_owned(),
        state: Value::Object(parts),
    };
    documents.into_iter().filter(|(subject, _)| !subject.is_empty()).map(state).collect()
}

/// Events of what is made or strengthened: no playbook is about them, and [`to_read`] knows what to read.
pub(super) const LEARNED: [(&str, &str); 13] = [
    ("ec2.amazonaws.com", "CreateSubnet"),
    ("ec2.amazonaws.com", "CreateFlowLogs"),
    ("wafv2.amazonaws.com", "PutLoggingConfiguration"),
    ("cloudtrail.amazonaws.com", "CreateTrail"),
    ("kms.amazonaws.com", "CancelKeyDeletion"),
    ("kms.amazonaws.com", "EnableKey"),
    ("monitoring.amazonaws.com", "PutMetricAlarm"),
    ("monitoring.amazonaws.com", "PutCompositeAlarm"),
    ("monitoring.amazonaws.com", "EnableAlarmActions"),
    ("s3.amazonaws.com", "CreateBucket"),
    ("elasticloadbalancing.amazonaws.com", "CreateLoadBalancer"),
    // Their playbooks only tell.
    ("ec2.amazonaws.com", "CreateSecurityGroup"),
    ("ec2.amazonaws.com", "CreateNetworkAcl"),
];

/// What to read again after an event: what its playbook asks for, and what was made or strengthened, which
/// no playbook is about.
pub(super) fn to_read(event: &Event, playbook: Option<&Playbook>) -> Vec<Need> {
    let mut needs = playbook.map(|playbook| (playbook.needs)(event)).unwrap_or_default();
    let request = |member: &str| text(&event.request, member);
    let response = |member: &str| text(&event.response, member);
    let mut read = |facet: &'static Facet, subject: Option<String>| {
        needs.extend(subject.map(|subject| Need::new(facet, subject)));
    };
    match (event.source.as_str(), event.name.as_str()) {
        ("ec2.amazonaws.com", "CreateSecurityGroup") => {
            read(&security_group::GROUP, response("groupId"));
            read(&security_group::RULES, response("groupId"));
        }
        ("ec2.amazonaws.com", "CreateNetworkAcl") => {
            read(
                &network_acl::ENTRIES,
                event.response.at("networkAcl").and_then(|acl| text(acl, "networkAclId")),
            );
        }
        ("ec2.amazonaws.com", "ReplaceNetworkAclAssociation") => {
            read(&network_acl::ASSOCIATION, response("newAssociationId"));
        }
        ("ec2.amazonaws.com", "CreateSubnet") => {
            read(
                &network_acl::SUBNET,
                event.response.at("subnet").and_then(|subnet| text(subnet, "subnetId")),
            );
        }
        ("ec2.amazonaws.com", "CreateFlowLogs") => {
            let made = unwrapped(&event.response, "CreateFlowLogsResponse");
            for id in list(&made, "flowLogIdSet").into_iter().chain(list(&made, "flowLogIds")) {
                read(&flow_logs::LOG, id.as_str().map(str::to_owned));
            }
        }
        ("wafv2.amazonaws.com", "PutLoggingConfiguration") => {
            let configuration = field(&event.request, "loggingConfiguration");
            read(&waf::LOGGING, configuration.and_then(|wanted| text(wanted, "resourceArn")));
        }
        ("cloudtrail.amazonaws.com", "CreateTrail") => {
            read(&trail::SETTINGS, request("name"));
            read(&trail::SELECTORS, request("name"));
        }
        ("kms.amazonaws.com", "CancelKeyDeletion" | "EnableKey") => {
            let key = request("keyId");
            read(&kms::KEY, key.map(|key| key.rsplit('/').next().unwrap_or_default().to_owned()));
        }
        ("monitoring.amazonaws.com", "PutMetricAlarm" | "PutCompositeAlarm") => {
            read(&alarm::ACTIONS, request("alarmName"));
        }
        ("monitoring.amazonaws.com", "EnableAlarmActions") => {
            for name in list(&event.request, "alarmNames") {
                read(&alarm::ACTIONS, name.as_str().map(str::to_owned));
            }
        }
        ("s3.amazonaws.com", "CreateBucket") => {
            for facet in [&bucket::PUBLIC_ACCESS, &bucket::POLICY, &bucket::LOGGING] {
                read(facet, request("bucketName"));
            }
        }
        ("elasticloadbalancing.amazonaws.com", "CreateLoadBalancer") => {
            for made in list(&event.response, "loadBalancers") {
                read(&balancer::ATTRIBUTES, text(made, "loadBalancerArn"));
            }
        }
        _ => {}
    }
    // An event of a hundred alarms is not worth a hundred calls.
    needs.truncate(20);
    needs
}
