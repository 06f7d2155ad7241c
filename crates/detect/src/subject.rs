//! Who did what to what, from where: the part of a finding that comes from the event.

use arrow::record_batch::RecordBatch;
use sonic_rs::{JsonContainerTrait, JsonValueTrait, Value};

use crate::columns::Column;
use crate::event::Row;
use crate::json;
use crate::words;

/// Resources listed at most.
const MAX_RESOURCES: usize = 20;

/// An event, as a reader wants it named.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Subject {
    pub(crate) account_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) actor: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) source_ip: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) action: String,
    pub(crate) resources: Vec<String>,
    pub(crate) summary: String,
}

/// Where other tables than CloudTrail keep these things: columns, the first that has a value wins.
struct Names {
    table: &'static str,
    actor: &'static [&'static str],
    source_ip: &'static [&'static str],
    user_agent: &'static [&'static str],
    action: &'static [&'static str],
    resources: &'static [&'static str],
}

const NAMES: &[Names] = &[
    Names {
        table: "s3_access_logs",
        actor: &["requester"],
        source_ip: &["remoteip"],
        user_agent: &["useragent"],
        action: &["operation"],
        resources: &["bucket_name", "key"],
    },
    Names {
        table: "vpc_flow_logs",
        actor: &[],
        source_ip: &["srcaddr", "pkt_srcaddr"],
        user_agent: &[],
        action: &["action"],
        resources: &["interface_id", "instance_id", "dstaddr"],
    },
    Names {
        table: "cloudfront_standard_logs",
        actor: &[],
        source_ip: &["c_ip", "request_ip"],
        user_agent: &["cs_user_agent", "user_agent"],
        action: &["cs_method", "method"],
        resources: &["x_host_header", "host_header", "cs_uri_stem", "uri"],
    },
    Names {
        table: "waf_logs",
        actor: &[],
        source_ip: &["httprequest.clientip"],
        user_agent: &[],
        action: &["action"],
        resources: &["webaclid", "httpsourceid"],
    },
    Names {
        table: "api_gateway_access_logs",
        actor: &["caller", "user"],
        source_ip: &["ip", "sourceip"],
        user_agent: &["useragent"],
        action: &["httpmethod"],
        resources: &["resourcepath", "path"],
    },
];

impl Subject {
    /// Reads a row.
    pub(crate) fn of(row: &Row<'_>) -> Self {
        let common = &row.view.common;
        let cell = |column: &Option<Column<'_>>| column.as_ref()?.text(row.index).map(str::to_owned);
        let mut subject =
            Self { account_id: cell(&common.account_id), region: cell(&common.region), ..Self::default() };
        if row.view.plan.is_cloudtrail() {
            if let Some(record) = row.record() {
                subject.read_cloudtrail(record, row.facts().summary.as_deref());
            }
        } else {
            subject.read_columns(row);
        }
        subject
    }

    fn read_cloudtrail(&mut self, record: &Value, change: Option<&str>) {
        let own = |path: &[&str]| json::text(record, path).map(str::to_owned);
        self.account_id = self.account_id.take().or_else(|| own(&["recipientAccountId"]));
        self.region = self.region.take().or_else(|| own(&["awsRegion"]));
        self.actor = actor(record);
        self.access_key_id = own(&["userIdentity", "accessKeyId"]);
        self.source_ip = own(&["sourceIPAddress"]);
        self.user_agent = own(&["userAgent"]);
        self.action = own(&["eventName"]).unwrap_or_default();
        self.resources = resources(record);
        let change =
            change.map_or_else(|| words::in_words(&self.action, self.resources.first()), str::to_owned);
        self.summary = match json::text(record, &["errorCode"]) {
            Some(error) => format!("tried and failed ({error}): {change}"),
            None => change,
        };
    }

    fn read_columns(&mut self, row: &Row<'_>) {
        let table = row.view.plan.table();
        let Some(names) = NAMES.iter().find(|names| names.table == table) else { return };
        let texts = |paths: &[&str]| -> Vec<String> {
            paths.iter().filter_map(|path| row.column_text(path)).collect()
        };
        let first = |paths: &[&str]| texts(paths).into_iter().next();
        self.actor = first(names.actor);
        self.source_ip = first(names.source_ip);
        self.user_agent = first(names.user_agent);
        self.action = first(names.action).unwrap_or_default();
        self.resources = texts(names.resources);
        let target = self.resources.join(" ");
        let from = self.source_ip.as_deref().map(|ip| format!(" from {ip}")).unwrap_or_default();
        self.summary = format!("{} {target}{from}", self.action).trim().to_owned();
    }
}

/// An event at a glance: who did what, in the words its table has for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Who: an ARN where there is one.
    pub actor: Option<String>,
    /// What was done: the API call, the method, what became of the packet.
    pub action: Option<String>,
}

impl Glance {
    /// Looks at one row of a batch of this table. What neither the columns nor the record tell is
    /// `None`.
    pub fn of(batch: &RecordBatch, table: &str, row: usize) -> Self {
        let cell = |path: &&str| Column::find(batch, path)?.to_text(row).filter(|text| !text.is_empty());
        if let Some(names) = NAMES.iter().find(|names| names.table == table) {
            return Self {
                actor: names.actor.iter().find_map(cell),
                action: names.action.iter().find_map(cell),
            };
        }
        let Some(record) = cell(&"raw").and_then(|raw| json::parse(&raw)) else { return Self::default() };
        Self { actor: actor(&record), action: json::text(&record, &["eventName"]).map(str::to_owned) }
    }
}

/// The best name there is for who acted: an ARN where there is one.
pub(crate) fn actor(record: &Value) -> Option<String> {
    let identity = json::member(record, "userIdentity")?;
    let read = |path: &[&str]| json::text(identity, path).map(str::to_owned);
    read(&["arn"])
        .or_else(|| read(&["onBehalfOf", "userId"]).map(|user| format!("identity-center-user/{user}")))
        .or_else(|| read(&["userName"]))
        .or_else(|| read(&["invokedBy"]))
        .or_else(|| read(&["principalId"]))
        .or_else(|| read(&["accountId"]).map(|account| format!("account/{account}")))
        .or_else(|| read(&["type"]))
}

/// Members of request and response that name what a call is about, the most telling first.
const NAMING: &[&str] = &[
    "groupId",
    "networkAclId",
    "networkAclAssociationId",
    "bucketName",
    "trailName",
    "trailARN",
    "eventDataStore",
    "detectorId",
    "configurationRecorderName",
    "deliveryChannelName",
    "standardsSubscriptionArns",
    "webACLArn",
    "resourceArn",
    "loadBalancerArn",
    "loadBalancerName",
    "flowLogIds",
    "flowLogId",
    "alarmNames",
    "alarmName",
    "topicArn",
    "subscriptionArn",
    "logGroupName",
    "logGroup",
    "filterName",
    "keyId",
    "policyArn",
    "policyId",
    "policyName",
    "permissionSetArn",
    "roleName",
    "roleArn",
    "userName",
    "accessKeyId",
    "serialNumber",
    "instanceProfileName",
    "routeTableId",
    "internetGatewayId",
    "natGatewayId",
    "vpnGatewayId",
    "customerGatewayId",
    "transitGatewayId",
    "egressOnlyInternetGatewayId",
    "vpcPeeringConnectionId",
    "vpcEndpointId",
    "vpcId",
    "subnetId",
    "instanceId",
    "networkInterfaceId",
    "targetId",
    "accountId",
    "organizationId",
    "secretId",
    "functionName",
    "restApiId",
    "stageName",
    "clusterName",
    "dBSecurityGroupName",
    "cacheSecurityGroupName",
    "groupName",
    "associationId",
    "rule",
    "name",
    "id",
    "arn",
];

/// What the call was about.
fn resources(record: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut push = |text: &str| {
        if !text.is_empty() && found.len() < MAX_RESOURCES && !found.iter().any(|other| other == text) {
            found.push(text.to_owned());
        }
    };
    for resource in json::list(record, &["resources"]) {
        json::texts(resource, &["ARN"]).into_iter().for_each(&mut push);
    }
    let request = json::member(record, "requestParameters").map(|part| wrapped(part).unwrap_or(part));
    let response = json::member(record, "responseElements").map(|part| wrapped(part).unwrap_or(part));
    // What a call made is named in its answer, one level down: `{"routeTable": {"routeTableId": …}}`.
    let made = response.and_then(|part| part.as_object()).into_iter().flatten().map(|(_, made)| made).take(8);
    let creates = json::text(record, &["eventName"]).is_some_and(|name| name.starts_with("Create"));
    let mut parts: Vec<&Value> = request.into_iter().chain(response).collect();
    if creates {
        parts.splice(0..0, made.filter(|made| made.is_object()));
    }
    for part in parts {
        for name in NAMING {
            json::texts(part, &[name]).into_iter().for_each(&mut push);
        }
    }
    found
}

/// `{"ModifySecurityGroupRulesRequest": {…}}` and the like.
fn wrapped(part: &Value) -> Option<&Value> {
    let object = part.as_object()?;
    let (key, inner) = object.iter().next()?;
    (object.len() == 1 && (key.ends_with("Request") || key.ends_with("Response"))).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_name_for_an_actor() {
        let name = |identity: &str| {
            let record = json::parse(&format!(r#"{{"userIdentity":{identity}}}"#)).unwrap();
            actor(&record)
        };
        assert_eq!(
            name(r#"{"arn":"arn:aws:iam::1:user/a","userName":"a"}"#).as_deref(),
            Some("arn:aws:iam::1:user/a")
        );
        assert_eq!(
            name(r#"{"type":"AWSService","invokedBy":"config.amazonaws.com"}"#).as_deref(),
            Some("config.amazonaws.com")
        );
        assert_eq!(
            name(r#"{"type":"IdentityCenterUser","onBehalfOf":{"userId":"u-1"}}"#).as_deref(),
            Some("identity-center-user/u-1")
        );
        assert_eq!(name(r#"{"type":"Unknown"}"#).as_deref(), Some("Unknown"));
        assert_eq!(name("null"), None);
    }

    #[test]
    fn what_was_made_comes_first() {
        let record = json::parse(
            r#"{"eventName":"CreateRouteTable","requestParameters":{"vpcId":"vpc-1"},"responseElements":{"requestId":"x","routeTable":{"routeTableId":"rtb-1","vpcId":"vpc-1"}}}"#,
        )
        .unwrap();
        assert_eq!(resources(&record), ["rtb-1", "vpc-1"]);
    }

    #[test]
    fn resources_come_from_arns_then_ids() {
        let record = json::parse(
            r#"{"resources":[{"ARN":"arn:aws:s3:::b"}],"requestParameters":{"bucketName":"b"},"responseElements":{"x":1}}"#,
        )
        .unwrap();
        assert_eq!(resources(&record), ["arn:aws:s3:::b", "b"]);
    }
}
