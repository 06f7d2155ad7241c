//! CloudTrail in the shape of OCSF 1.1.0, under the names that Amazon Security
//! Lake uses, so that queries written for Security Lake (source version 2)
//! run as they are.
//!
//! - `amazon_security_lake_table_<region>_cloud_trail_mgmt_2_0`, `…_s3_data_2_0`
//!   and `…_lambda_execution_2_0` hold the events *of that Region*, as Security
//!   Lake's tables do: a UNION of two Regions' tables counts nothing twice.
//! - The same names without prefix and Region (`cloud_trail_mgmt_2_0`, …) hold
//!   all Regions.
//!
//! One deviation: `src_endpoint.ip` is the source address as received, even
//! where that is a service's name (which `src_endpoint.domain` has too); a
//! comparison with an address then prunes by the files' bloom filters.

/// Tables without Region that are listed.
pub(crate) const LISTED: [&str; 3] = ["cloud_trail_mgmt_2_0", "s3_data_2_0", "lambda_execution_2_0"];

/// Which CloudTrail events a view holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    source: Source,
    region: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Management,
    S3Data,
    Lambda,
}

impl Selection {
    /// Reads a Security Lake table name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (rest, region) = match name.strip_prefix("amazon_security_lake_table_") {
            None => (name, None),
            Some(rest) => {
                let at = ["_cloud_trail_mgmt_", "_s3_data_", "_lambda_execution_"]
                    .iter()
                    .find_map(|s| rest.find(s))?;
                (&rest[at + 1..], Some(rest[..at].replace('_', "-")))
            }
        };
        let source = match rest.strip_suffix("_2_0")? {
            "cloud_trail_mgmt" => Source::Management,
            "s3_data" => Source::S3Data,
            "lambda_execution" => Source::Lambda,
            _ => return None,
        };
        let plain = region
            .as_ref()
            .is_none_or(|r| !r.is_empty() && r.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        plain.then_some(Self { source, region })
    }

    fn condition(&self) -> String {
        let source = match self.source {
            Source::Management => "coalesce(eventcategory, 'Management') = 'Management'",
            Source::S3Data => "eventcategory = 'Data' AND eventsource = 's3.amazonaws.com'",
            Source::Lambda => "eventcategory = 'Data' AND eventsource = 'lambda.amazonaws.com'",
        };
        match &self.region {
            Some(region) => format!("{source} AND region = '{region}'"),
            None => source.to_string(),
        }
    }
}

/// What an API call does, by the first words of its name.
const ACTIVITY: [(i64, &str, &[&str]); 4] = [
    (
        1,
        "Create",
        &[
            "Create", "Run", "Put", "Add", "Allocate", "Copy", "Import", "Register", "Request", "Start",
            "Upload",
        ],
    ),
    (
        2,
        "Read",
        &[
            "Get", "List", "Describe", "Head", "Lookup", "BatchGet", "Search", "Select", "Query", "Scan",
            "View", "Decrypt",
        ],
    ),
    (
        3,
        "Update",
        &[
            "Update",
            "Modify",
            "Set",
            "Attach",
            "Associate",
            "Change",
            "Enable",
            "Disable",
            "Reboot",
            "Replace",
            "Reset",
            "Tag",
            "Untag",
            "Authorize",
            "Revoke",
            "Detach",
            "Disassociate",
            "Stop",
        ],
    ),
    (4, "Delete", &["Delete", "Remove", "Terminate", "Deregister", "Release", "Cancel"]),
];

/// `CASE` over the name of the call; `pick` makes the value of a branch.
fn activity(pick: impl Fn(i64, &str) -> String) -> String {
    let mut case = String::from("CASE ");
    for (id, name, words) in ACTIVITY {
        let test = format!("regexp_like(eventname, '^({})')", words.join("|"));
        case.push_str(&format!("WHEN {test} THEN {} ", pick(id, name)));
    }
    case.push_str(&format!("ELSE {} END", pick(99, "Other")));
    case
}

const SIGN_IN: &str = "eventsource = 'signin.amazonaws.com'";

/// The view as SQL over `cloudtrail_logs`.
pub(crate) fn sql(selection: &Selection) -> String {
    let activity_id = activity(|id, _| id.to_string());
    let activity_name = activity(|_, name| format!("'{name}'"));
    format!(
        "SELECT {METADATA} AS metadata,
           to_milliseconds(event_time) AS time,
           event_time AS time_dt,
           named_struct('region', awsregion, 'provider', 'AWS',
             'account', named_struct('uid', recipientaccountid)) AS cloud,
           {API} AS api,
           {ACTOR} AS actor,
           named_struct('user_agent', useragent) AS http_request,
           named_struct('uid', vpcendpointid, 'ip', sourceipaddress,
             'domain', CASE WHEN CAST(sourceipaddress AS IPADDRESS) IS NULL THEN sourceipaddress END
           ) AS src_endpoint,
           transform(resources, r -> named_struct('uid', r.arn,
             'owner', named_struct('account', named_struct('uid', r.accountid)),
             'type', r.type)) AS resources,
           CASE WHEN {SIGN_IN} THEN 'Authentication' ELSE 'API Activity' END AS class_name,
           CASE WHEN {SIGN_IN} THEN 3002 ELSE 6003 END AS class_uid,
           CASE WHEN {SIGN_IN} THEN 'Identity & Access Management' ELSE 'Application Activity' END
             AS category_name,
           CASE WHEN {SIGN_IN} THEN 3 ELSE 6 END AS category_uid,
           CASE WHEN {SIGN_IN} THEN 1 ELSE {activity_id} END AS activity_id,
           CASE WHEN {SIGN_IN} THEN 'Logon' ELSE {activity_name} END AS activity_name,
           CASE WHEN {SIGN_IN} THEN 300201 ELSE 600300 + {activity_id} END AS type_uid,
           CASE WHEN {SIGN_IN} THEN 'Authentication: Logon'
             ELSE concat('API Activity: ', {activity_name}) END AS type_name,
           1 AS severity_id,
           'Informational' AS severity,
           CASE WHEN errorcode IS NULL THEN 'Success' ELSE 'Failure' END AS status,
           CASE WHEN errorcode IS NULL THEN 1 ELSE 2 END AS status_id,
           {UNMAPPED} AS unmapped,
           coalesce(recipientaccountid, account_id) AS accountid,
           awsregion AS region,
           date_format(event_date, '%Y%m%d') AS eventday,
           event_uid, event_time, event_date, raw
         FROM cloudtrail_logs WHERE {}",
        selection.condition()
    )
}

const METADATA: &str = "named_struct(
  'product', named_struct('name', 'CloudTrail', 'vendor_name', 'AWS', 'version', eventversion,
    'feature', named_struct('name', coalesce(eventcategory, 'Management'))),
  'uid', eventid, 'event_code', eventtype, 'profiles', ARRAY['cloud', 'datetime'],
  'version', '1.1.0')";

const API: &str = "named_struct('operation', eventname,
  'service', named_struct('name', eventsource),
  'request', named_struct('uid', requestid, 'data', requestparameters),
  'response', named_struct('error', errorcode, 'message', errormessage, 'data', responseelements),
  'version', apiversion)";

const ACTOR: &str = "named_struct(
  'user', named_struct('type', useridentity.type,
    'name', coalesce(useridentity.username, useridentity.sessioncontext.sessionissuer.username),
    'uid', useridentity.arn, 'uid_alt', useridentity.principalid,
    'account', named_struct('uid', useridentity.accountid),
    'credential_uid', useridentity.accesskeyid),
  'session', named_struct(
    'created_time', to_milliseconds(useridentity.sessioncontext.attributes.creationdate),
    'created_time_dt', from_iso8601_timestamp(useridentity.sessioncontext.attributes.creationdate),
    'is_mfa', CASE useridentity.sessioncontext.attributes.mfaauthenticated
      WHEN 'true' THEN true WHEN 'false' THEN false END,
    'issuer', useridentity.sessioncontext.sessionissuer.arn),
  'invoked_by', useridentity.invokedby,
  'idp', named_struct('name', useridentity.sessioncontext.webidfederationdata.federatedprovider))";

const UNMAPPED: &str = "map(
  ARRAY['eventType', 'recipientAccountId', 'readOnly', 'managementEvent', 'sharedEventID',
    'vpcEndpointAccountId', 'additionalEventData', 'serviceEventDetails',
    'sessionCredentialFromConsole', 'tlsDetails.tlsVersion', 'tlsDetails.cipherSuite',
    'tlsDetails.clientProvidedHostHeader'],
  ARRAY[eventtype, recipientaccountid, readonly, managementevent, sharedeventid,
    vpcendpointaccountid, additionaleventdata, serviceeventdetails,
    sessioncredentialfromconsole, tlsdetails.tlsversion, tlsdetails.ciphersuite,
    tlsdetails.clientprovidedhostheader])";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_lake_names_are_read() {
        let s = Selection::of("amazon_security_lake_table_us_east_1_cloud_trail_mgmt_2_0").unwrap();
        assert_eq!(s, Selection { source: Source::Management, region: Some("us-east-1".into()) });
        assert_eq!(Selection::of("s3_data_2_0").unwrap().region, None);
        assert!(Selection::of("amazon_security_lake_table_us_east_1_route53_2_0").is_none());
        assert!(Selection::of("amazon_security_lake_table_x'_cloud_trail_mgmt_2_0").is_none());
        assert!(Selection::of("cloudtrail_logs").is_none());
    }
}
