//! A call's input as a request, before it is signed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::operation::{Body, Operation};
use super::service::{Location, Protocol};
use super::text::scalar;
use super::{form, json, xml};
use crate::uri;

/// A request without its host.
#[derive(Debug, PartialEq)]
pub(super) struct Draft {
    pub(super) method: &'static str,
    /// Path and query string, encoded, beginning with a slash.
    pub(super) target: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
}

/// Makes the request of `operation`; what of the input has no place in it otherwise, in words.
pub(super) fn draft(operation: &Operation, input: &Value) -> Result<Draft, String> {
    let mut members = match input {
        Value::Object(members) => members.clone(),
        Value::Null => Map::new(),
        _ => return Err("the input must be an object".to_owned()),
    };
    members.retain(|_, value| !value.is_null());
    match operation.service.protocol {
        Protocol::Json { target_prefix, version } => {
            let target = format!("{target_prefix}.{}", operation.name);
            let body = json::send(operation, members).to_string();
            let mut draft = posted(body, &format!("application/x-amz-json-{version}"))?;
            draft.headers.push((HeaderName::from_static("x-amz-target"), header_value("target", &target)?));
            Ok(draft)
        }
        Protocol::Query { version } => posted(form::encode(operation, version, false, &members)?, FORM),
        Protocol::Ec2 { version } => posted(form::encode(operation, version, true, &members)?, FORM),
        Protocol::RestJson | Protocol::RestXml => rest(operation, members),
    }
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

fn posted(body: String, content_type: &str) -> Result<Draft, String> {
    let headers = vec![(header::CONTENT_TYPE, header_value("content type", content_type)?)];
    Ok(Draft { method: "POST", target: "/".to_owned(), headers, body: body.into() })
}

fn rest(operation: &Operation, mut members: Map<String, Value>) -> Result<Draft, String> {
    let target = target(operation, &mut members)?;
    let mut headers = Vec::new();
    for &(member, name) in operation.http.headers {
        if let Some(value) = members.remove(member) {
            let text = scalar(&value).ok_or_else(|| format!("{member} must be a text"))?;
            let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
            headers.push((name, header_value(member, &text)?));
        }
    }
    let body = body(operation, &mut members)?;
    if let Some(stray) = members.keys().next() {
        return Err(format!("{} has no member {stray}", operation.name));
    }
    if operation.service.protocol == Protocol::RestJson {
        // API Gateway answers in another JSON (HAL) to whoever takes anything.
        headers.push((header::ACCEPT, HeaderValue::from_static("application/json")));
    }
    if let Some((content_type, _)) = body.as_ref() {
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static(content_type)));
    }
    let body = body.map(|(_, text)| Bytes::from(text)).unwrap_or_default();
    if matches!(operation.service.location, Location::S3 | Location::S3Control) && !body.is_empty() {
        headers.push(checksum(&body)?);
    }
    Ok(Draft { method: operation.http.method, target, headers, body })
}

/// S3 refuses configurations without one.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
fn checksum(body: &[u8]) -> Result<(HeaderName, HeaderValue), String> {
    let digest = BASE64_STANDARD.encode(Sha256::digest(body));
    Ok((HeaderName::from_static("x-amz-checksum-sha256"), header_value("checksum", &digest)?))
}

fn body(
    operation: &Operation,
    members: &mut Map<String, Value>,
) -> Result<Option<(&'static str, String)>, String> {
    let bodiless = matches!(operation.http.method, "GET" | "HEAD" | "DELETE");
    match &operation.http.body {
        Body::Rest if members.is_empty() && bodiless => Ok(None),
        Body::Rest if operation.service.protocol == Protocol::RestJson => {
            let value = json::send(operation, std::mem::take(members));
            Ok(Some(("application/json", value.to_string())))
        }
        Body::Rest => Ok(None),
        Body::Text(member) => match members.remove(*member) {
            Some(Value::String(text)) => Ok(Some(("text/plain", text))),
            Some(_) => Err(format!("{member} must be a text")),
            None => Ok(None),
        },
        Body::Member(member) => match members.remove(*member) {
            Some(Value::Object(inner)) => {
                Ok(Some(("application/json", json::send(operation, inner).to_string())))
            }
            Some(_) => Err(format!("{member} must be an object")),
            None => Ok(None),
        },
        Body::Xml { member, namespace, root } => {
            let value = match members.remove(*member) {
                Some(value) => value,
                None if member.is_empty() => Value::Object(std::mem::take(members)),
                None => return Ok(None),
            };
            Ok(Some(("application/xml", xml::document(root, namespace, &value)?)))
        }
    }
}

/// Path and query string. S3's bucket is left out: it is part of where the request goes.
fn target(operation: &Operation, members: &mut Map<String, Value>) -> Result<String, String> {
    let template = operation.http.uri;
    let (mut path, fixed) = template.split_once('?').unwrap_or((template, ""));
    if matches!(operation.service.location, Location::S3)
        && let Some(rest) = path.strip_prefix("/{Bucket}")
    {
        members.remove("Bucket").ok_or("Bucket is missing")?;
        path = if rest.is_empty() { "/" } else { rest };
    }
    let mut target = String::with_capacity(template.len() + 64);
    expand(path, members, &mut target)?;
    let mut separator = '?';
    for pair in fixed.split('&').filter(|pair| !pair.is_empty()) {
        target.push(separator);
        target.push_str(pair);
        // What is signed has an equals sign, so what is sent should.
        if !pair.contains('=') {
            target.push('=');
        }
        separator = '&';
    }
    for &(member, name) in operation.http.query {
        let Some(value) = members.remove(member) else { continue };
        let values = match value {
            Value::Array(values) => values,
            other => vec![other],
        };
        for value in values {
            let text = scalar(&value).ok_or_else(|| format!("{member} must be a text or a list of texts"))?;
            target.push(separator);
            uri::encode_into(&mut target, name, b"");
            target.push('=');
            uri::encode_into(&mut target, &text, b"");
            separator = '&';
        }
    }
    Ok(target)
}

/// Puts members into the `{…}` of a path.
fn expand(path: &str, members: &mut Map<String, Value>, target: &mut String) -> Result<(), String> {
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (label, after) = after.split_once('}').ok_or("the operation's path is malformed")?;
        let (member, keep): (&str, &[u8]) = match label.strip_suffix('+') {
            Some(member) => (member, b"/"),
            None => (label, b""),
        };
        let value = members.remove(member).ok_or_else(|| format!("{member} is missing"))?;
        let text = scalar(&value).ok_or_else(|| format!("{member} must be a text"))?;
        if text.is_empty() || uri::has_dot_segment(&text) {
            return Err(format!("{member} must not be empty, or `.` or `..`"));
        }
        target.push_str(before);
        uri::encode_into(target, &text, keep);
        rest = after;
    }
    target.push_str(rest);
    Ok(())
}

fn header_value(what: &str, text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| format!("{what} has characters that no header can carry"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{Element, Http, Service};

    static REST: Service = Service::new("lambda", "Lambda", Protocol::RestJson);
    static S3: Service = Service::new("s3", "S3", Protocol::RestXml).location(Location::S3);

    fn header<'a>(draft: &'a Draft, name: &str) -> &'a str {
        draft.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.to_str().unwrap())
    }

    #[test]
    fn json_names_its_target() {
        static JSON: Service = Service::new(
            "logs",
            "CloudWatch Logs",
            Protocol::Json { target_prefix: "Logs_1", version: "1.1" },
        );
        static OPERATION: Operation = Operation::new(&JSON, "DescribeLogGroups", "logs:DescribeLogGroups");
        let draft = draft(&OPERATION, &json!({"limit": 5, "gone": null})).unwrap();
        assert_eq!((draft.method, draft.target.as_str()), ("POST", "/"));
        assert_eq!(draft.body, r#"{"limit":5}"#);
        assert_eq!(header(&draft, "x-amz-target"), "Logs_1.DescribeLogGroups");
        assert_eq!(header(&draft, "content-type"), "application/x-amz-json-1.1");
    }

    #[test]
    fn rest_puts_each_member_in_its_place() {
        static OPERATION: Operation = Operation::new(&REST, "Do", "lambda:Do").http(
            Http::new("POST", "/2015/{Name}/{Path+}/policy?fixed&a=b")
                .query(&[("Tags", "tag"), ("Dry", "dry")])
                .headers(&[("Type", "X-Amz-Type")]),
        );
        let input = json!({
            "Name": "a/b c", "Path": "x/y", "Tags": ["1&2", "3"], "Dry": true, "Type": "t", "Rest": [1],
        });
        let draft = draft(&OPERATION, &input).unwrap();
        assert_eq!(draft.target, "/2015/a%2Fb%20c/x/y/policy?fixed=&a=b&tag=1%262&tag=3&dry=true");
        assert_eq!(header(&draft, "x-amz-type"), "t");
        assert_eq!(draft.body, r#"{"Rest":[1]}"#);
    }

    #[test]
    fn s3_leaves_the_bucket_to_the_host_and_sums_its_bodies() {
        static OPERATION: Operation = Operation::new(&S3, "PutBucketVersioning", "s3:PutBucketVersioning")
            .http(Http::new("PUT", "/{Bucket}?versioning").body(Body::Xml {
                member: "VersioningConfiguration",
                namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
                root: Element::node("VersioningConfiguration", &[Element::text("Status")]),
            }));
        let input = json!({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}});
        let draft = draft(&OPERATION, &input).unwrap();
        assert_eq!(draft.target, "/?versioning=");
        assert_eq!(
            draft.body,
            "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Status>Enabled</Status></VersioningConfiguration>"
        );
        assert_eq!(header(&draft, "x-amz-checksum-sha256").len(), 44);
    }

    #[test]
    fn a_wrong_input_is_told() {
        static GET: Operation =
            Operation::new(&REST, "GetPolicy", "lambda:GetPolicy").http(Http::new("GET", "/f/{Name}"));
        static PUT: Operation = Operation::new(&S3, "Put", "s3:Put").http(
            Http::new("PUT", "/{Bucket}?x").headers(&[("Owner", "x-owner")]).body(Body::Text("Policy")),
        );
        for (operation, input, words) in [
            (&GET, json!({}), "Name is missing"),
            (&GET, json!({"Name": ".."}), "must not be empty"),
            (&GET, json!({"Name": ["x"]}), "Name must be a text"),
            (&GET, json!([]), "must be an object"),
            (&PUT, json!({}), "Bucket is missing"),
            (&PUT, json!({"Bucket": "b", "Polcy": "x"}), "no member Polcy"),
            (&PUT, json!({"Bucket": "b", "Policy": {}}), "Policy must be a text"),
            (&PUT, json!({"Bucket": "b", "Owner": "a\nb"}), "no header can carry"),
        ] {
            assert!(draft(operation, &input).unwrap_err().contains(words), "{input}");
        }
    }
}
