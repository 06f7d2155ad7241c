//! A good answer as the operation's output.

use http::HeaderMap;
use serde_json::{Map, Value};

use super::json;
use super::operation::{Answer, Operation};
use super::service::Protocol;
use super::xml::{Node, Reading, to_json};

/// The output; what is wrong with the answer otherwise, in words.
pub(super) fn read(operation: &Operation, headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    let mut output = match operation.http.answer {
        Answer::Text(member) => text(member, body)?,
        Answer::Nothing => Map::new(),
        _ => document(operation, body)?,
    };
    for &(header, member) in operation.http.answer_headers {
        if let Some(value) = headers.get(header).and_then(|value| value.to_str().ok()) {
            output.insert(member.to_owned(), Value::String(value.to_owned()));
        }
    }
    Ok(Value::Object(output))
}

fn text(member: &str, body: &[u8]) -> Result<Map<String, Value>, String> {
    let text = std::str::from_utf8(body).map_err(|_| format!("{member} is not UTF-8"))?;
    Ok(Map::from_iter([(member.to_owned(), Value::String(text.to_owned()))]))
}

fn document(operation: &Operation, body: &[u8]) -> Result<Map<String, Value>, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let value = match operation.service.protocol {
        Protocol::Json { .. } | Protocol::RestJson => {
            let value = serde_json::from_slice(body).map_err(|error| format!("it is no JSON ({error})"))?;
            json::receive(operation, value)
        }
        protocol => from_xml(operation, protocol, Node::parse(body)?)?,
    };
    if let Answer::Member(member) | Answer::Root(member) = operation.http.answer {
        return Ok(Map::from_iter([(member.to_owned(), value)]));
    }
    match value {
        Value::Object(members) => Ok(members),
        Value::Null => Ok(Map::new()),
        _ => Err("it is no JSON object".to_owned()),
    }
}

fn from_xml(operation: &Operation, protocol: Protocol, root: Node) -> Result<Value, String> {
    let reading = Reading { hints: &operation.hints, ec2: matches!(protocol, Protocol::Ec2 { .. }) };
    match protocol {
        Protocol::RestXml => rest(operation, root, reading),
        Protocol::Ec2 { .. } => {
            let mut root = expected(root, &format!("{}Response", operation.name))?;
            root.children.retain(|child| child.name != "requestId");
            Ok(to_json(&root, reading))
        }
        _ => {
            let root = expected(root, &format!("{}Response", operation.name))?;
            let result = root.child(&format!("{}Result", operation.name));
            Ok(result.map_or_else(|| Value::Object(Map::new()), |result| to_json(result, reading)))
        }
    }
}

/// The answer of another service, or a web page, is not this operation's output.
fn expected(root: Node, name: &str) -> Result<Node, String> {
    if root.name == name { Ok(root) } else { Err(format!("it is a <{}> instead of a <{name}>", root.name)) }
}

/// A document may be no more than its root's text: `<LocationConstraint>eu-west-1</…>`.
fn rest(operation: &Operation, root: Node, reading: Reading<'_>) -> Result<Value, String> {
    let root = match operation.http.answer {
        // Servers that do not know a part of a bucket's configuration answer with a listing.
        Answer::Member(member) | Answer::Root(member) => expected(root, member)?,
        _ => root,
    };
    Ok(match root.text.trim() {
        _ if !matches!(operation.http.answer, Answer::Root(_)) => to_json(&root, reading),
        "" => Value::Null,
        text => Value::String(text.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;
    use crate::api::services::{cloudwatch, ec2, s3};
    use crate::api::{Hints, Http, Service};

    static QUERY: Service = Service::new("iam", "IAM", Protocol::Query { version: "v" });
    static S3: Service = Service::new("s3", "S3", Protocol::RestXml);

    fn read_body(operation: &Operation, body: &str) -> Result<Value, String> {
        read(operation, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn query_answers_lose_their_wrappers() {
        static LIST: Operation = Operation::new(&QUERY, "ListAccountAliases", "iam:ListAccountAliases")
            .hints(Hints { lists: &["AccountAliases"], ..Hints::NONE });
        let body = "<ListAccountAliasesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
            <ListAccountAliasesResult><IsTruncated>false</IsTruncated>\
            <AccountAliases><member>exampleorg</member></AccountAliases></ListAccountAliasesResult>\
            <ResponseMetadata><RequestId>7a</RequestId></ResponseMetadata></ListAccountAliasesResponse>";
        assert_eq!(
            read_body(&LIST, body).unwrap(),
            json!({"IsTruncated": false, "AccountAliases": ["exampleorg"]})
        );
        let nothing = "<ListAccountAliasesResponse><ResponseMetadata/></ListAccountAliasesResponse>";
        assert_eq!(read_body(&LIST, nothing).unwrap(), json!({}));
        assert!(read_body(&LIST, "<html></html>").unwrap_err().contains("<html>"));
    }

    #[test]
    fn bodies_that_are_one_member() {
        static POLICY: Operation = Operation::new(&S3, "GetBucketPolicy", "s3:GetBucketPolicy")
            .http(Http::new("GET", "/{Bucket}?policy").answer(Answer::Text("Policy")));
        static PLACE: Operation = Operation::new(&S3, "GetBucketLocation", "s3:GetBucketLocation")
            .http(Http::new("GET", "/{Bucket}?location").answer(Answer::Root("LocationConstraint")));
        static BLOCK: Operation =
            Operation::new(&S3, "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock").http(
                Http::new("GET", "/{Bucket}?x").answer(Answer::Member("PublicAccessBlockConfiguration")),
            );
        assert_eq!(read_body(&POLICY, r#"{"a":1}"#).unwrap(), json!({"Policy": r#"{"a":1}"#}));
        let place = |text: &str| format!("<LocationConstraint xmlns=\"urn:x\">{text}</LocationConstraint>");
        assert_eq!(
            read_body(&PLACE, &place("eu-west-1")).unwrap(),
            json!({"LocationConstraint": "eu-west-1"})
        );
        assert_eq!(read_body(&PLACE, &place("")).unwrap(), json!({"LocationConstraint": null}));
        assert_eq!(
            read_body(&BLOCK, "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>").unwrap(),
            json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true}})
        );
    }

    #[test]
    fn another_document_is_no_answer() {
        let listing = "<ListBucketResult><Name>logs</Name></ListBucketResult>";
        let error = read_body(&s3::GET_BUCKET_POLICY_STATUS, listing).unwrap_err();
        assert!(error.contains("<ListBucketResult> instead of a <PolicyStatus>"), "{error}");
        let status = "<PolicyStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsPublic>TRUE</IsPublic></PolicyStatus>";
        assert_eq!(
            read_body(&s3::GET_BUCKET_POLICY_STATUS, status).unwrap(),
            json!({"PolicyStatus": {"IsPublic": true}})
        );
    }

    /// As in AWS's reference of each operation.
    #[test]
    fn answers_of_the_catalogue() {
        let acl = r#"<AccessControlPolicy><Owner><ID>75aa</ID></Owner><AccessControlList><Grant>
            <Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">
            <URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission>
            </Grant></AccessControlList></AccessControlPolicy>"#;
        assert_eq!(
            read_body(&s3::GET_BUCKET_ACL, acl).unwrap(),
            json!({"Owner": {"ID": "75aa"}, "Grants": [{
                "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
                "Permission": "READ",
            }]})
        );
        let replication = "<ReplicationConfiguration><Role>arn:r</Role><Rule><ID>all</ID><Priority>1</Priority>\
            <Filter/><Status>Enabled</Status><Destination><Bucket>arn:b</Bucket></Destination></Rule></ReplicationConfiguration>";
        let read = read_body(&s3::GET_BUCKET_REPLICATION, replication).unwrap();
        let rule = &read["ReplicationConfiguration"]["Rules"][0];
        assert_eq!((&rule["Priority"], &rule["Destination"]["Bucket"]), (&json!(1), &json!("arn:b")));

        let alarms = "<DescribeAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><DescribeAlarmsResult>\
            <CompositeAlarms/><MetricAlarms><member><AlarmName>root</AlarmName><Threshold>1.0</Threshold><Period>300</Period>\
            <ActionsEnabled>true</ActionsEnabled><OKActions/><AlarmActions><member>arn:t</member></AlarmActions>\
            <Dimensions/></member></MetricAlarms></DescribeAlarmsResult></DescribeAlarmsResponse>";
        assert_eq!(
            read_body(&cloudwatch::DESCRIBE_ALARMS, alarms).unwrap(),
            json!({"CompositeAlarms": [], "MetricAlarms": [{
                "AlarmName": "root", "Threshold": 1.0, "Period": 300, "ActionsEnabled": true, "OKActions": [],
                "AlarmActions": ["arn:t"], "Dimensions": [],
            }]})
        );
        let flows = "<DescribeFlowLogsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>2d</requestId>\
            <flowLogSet><item><flowLogId>fl-1</flowLogId><resourceId>vpc-1</resourceId><trafficType>ALL</trafficType>\
            <maxAggregationInterval>600</maxAggregationInterval><destinationOptions><perHourPartition>false</perHourPartition>\
            </destinationOptions></item></flowLogSet></DescribeFlowLogsResponse>";
        assert_eq!(
            read_body(&ec2::DESCRIBE_FLOW_LOGS, flows).unwrap(),
            json!({"FlowLogs": [{
                "FlowLogId": "fl-1", "ResourceId": "vpc-1", "TrafficType": "ALL", "MaxAggregationInterval": 600,
                "DestinationOptions": {"PerHourPartition": false},
            }]})
        );
    }

    #[test]
    fn headers_become_members() {
        static HEAD: Operation = Operation::new(&S3, "HeadBucket", "s3:ListBucket")
            .http(Http::new("HEAD", "/{Bucket}").answer_headers(&[("x-amz-bucket-region", "BucketRegion")]));
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("x-amz-bucket-region"),
            HeaderValue::from_static("eu-west-1"),
        )]);
        assert_eq!(read(&HEAD, &headers, b"").unwrap(), json!({"BucketRegion": "eu-west-1"}));
    }

    #[test]
    fn what_is_no_answer_is_told() {
        static JSON: Service = Service::new("x", "X", Protocol::RestJson);
        static GET: Operation = Operation::new(&JSON, "Get", "x:Get").http(Http::new("GET", "/"));
        assert!(read_body(&GET, "<html>").unwrap_err().contains("no JSON"));
        assert!(read_body(&GET, "[1]").unwrap_err().contains("no JSON object"));
        assert_eq!(read_body(&GET, " \n").unwrap(), json!({}));
    }
}
