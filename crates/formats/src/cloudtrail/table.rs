//! `cloudtrail_logs`, as AWS documents it for Athena.

use std::sync::OnceLock;

use crate::table::{EventColumns, Field, TableDef, Type};

use Type::{Json, List, Map, Struct, Utf8};

const SESSION_ATTRIBUTES: Type = Struct(&[
    Field::new("mfaauthenticated", Utf8, "whether multi-factor authentication was used"),
    Field::new("creationdate", Utf8, "when the credentials were issued"),
]);

const SESSION_ISSUER: Type = Struct(&[
    Field::new("type", Utf8, "what issued the credentials: Root, IAMUser, Role"),
    Field::new("principalid", Utf8, "the issuer's internal id"),
    Field::new("arn", Utf8, "the issuer's ARN"),
    Field::new("accountid", Utf8, "the account that owns the issuer"),
    Field::new("username", Utf8, "the issuer's name"),
]);

const WEB_ID_FEDERATION: Type = Struct(&[
    Field::new("federatedprovider", Utf8, "the identity provider"),
    Field::new("attributes", Map, "what the provider said of the user"),
]);

const SESSION_CONTEXT: Type = Struct(&[
    Field::new("attributes", SESSION_ATTRIBUTES, "the session's attributes"),
    Field::new("sessionissuer", SESSION_ISSUER, "who issued the session"),
    Field::new("ec2roledelivery", Utf8, "the instance metadata service's version"),
    Field::new("webidfederationdata", WEB_ID_FEDERATION, "the federation the session came by"),
]);

const ON_BEHALF_OF: Type = Struct(&[
    Field::new("userid", Utf8, "the IAM Identity Center user"),
    Field::new("identitystorearn", Utf8, "the identity store"),
]);

const USER_IDENTITY: Type = Struct(&[
    Field::new("type", Utf8, "Root, IAMUser, AssumedRole, FederatedUser, AWSAccount, AWSService, …"),
    Field::new("principalid", Utf8, "the caller's internal id"),
    Field::new("arn", Utf8, "the caller's ARN"),
    Field::new("accountid", Utf8, "the caller's account"),
    Field::new("invokedby", Utf8, "the AWS service that made the call for the caller"),
    Field::new("accesskeyid", Utf8, "the access key the call was signed with"),
    Field::new("username", Utf8, "the caller's name"),
    Field::new("onbehalfof", ON_BEHALF_OF, "the Identity Center user behind the call"),
    Field::new("sessioncontext", SESSION_CONTEXT, "the session, for temporary credentials"),
]);

const RESOURCE: Type = Struct(&[
    Field::new("arn", Utf8, "the resource's ARN"),
    Field::new("accountid", Utf8, "the resource's account"),
    Field::new("type", Utf8, "the resource's type"),
]);

const ADDENDUM: Type = Struct(&[
    Field::new("reason", Utf8, "why the event was delivered late or again"),
    Field::new("updatedfields", Utf8, "what was updated"),
    Field::new("originalrequestid", Utf8, "the first delivery's request"),
    Field::new("originaleventid", Utf8, "the first delivery's event"),
]);

const TLS_DETAILS: Type = Struct(&[
    Field::new("tlsversion", Utf8, "the TLS version"),
    Field::new("ciphersuite", Utf8, "the cipher suite"),
    Field::new("clientprovidedhostheader", Utf8, "the host name the client asked for"),
]);

/// The table's columns, beside the name that CloudTrail's records give each.
macro_rules! columns {
    ($($index:ident $key:literal $name:literal $ty:expr, $doc:literal;)*) => {
        columns!(@index 0usize; $($index)*);

        const FIELDS: &[Field] = &[$(Field::new($name, $ty, $doc)),*];

        /// The column that a record's member belongs to.
        pub(crate) fn column_of(key: &str) -> Option<usize> {
            match key {
                $($key => Some($index),)*
                _ => None,
            }
        }
    };
    (@index $n:expr; $head:ident $($tail:ident)*) => {
        pub(crate) const $head: usize = $n;
        columns!(@index $n + 1usize; $($tail)*);
    };
    (@index $n:expr;) => {};
}

columns! {
    EVENTVERSION "eventVersion" "eventversion" Utf8, "the version of the record's format";
    USERIDENTITY "userIdentity" "useridentity" USER_IDENTITY, "who made the call";
    EVENTTIME "eventTime" "eventtime" Utf8, "when the call was completed, ISO 8601, UTC";
    EVENTSOURCE "eventSource" "eventsource" Utf8, "the service that was called";
    EVENTNAME "eventName" "eventname" Utf8, "the action that was called";
    AWSREGION "awsRegion" "awsregion" Utf8, "the Region of the call";
    SOURCEIPADDRESS "sourceIPAddress" "sourceipaddress" Utf8, "the address the call came from, or the service's name";
    USERAGENT "userAgent" "useragent" Utf8, "the program that made the call";
    ERRORCODE "errorCode" "errorcode" Utf8, "the error, if the call failed";
    ERRORMESSAGE "errorMessage" "errormessage" Utf8, "the error's text";
    REQUESTPARAMETERS "requestParameters" "requestparameters" Json, "the call's parameters, JSON";
    RESPONSEELEMENTS "responseElements" "responseelements" Json, "the call's answer, JSON";
    ADDITIONALEVENTDATA "additionalEventData" "additionaleventdata" Json, "what else there is to say, JSON";
    REQUESTID "requestID" "requestid" Utf8, "the request's id";
    EVENTID "eventID" "eventid" Utf8, "the event's id";
    READONLY "readOnly" "readonly" Utf8, "whether the call only reads";
    RESOURCES "resources" "resources" List(&RESOURCE), "the resources the call touched";
    EVENTTYPE "eventType" "eventtype" Utf8, "AwsApiCall, AwsServiceEvent, AwsConsoleSignIn, …";
    APIVERSION "apiVersion" "apiversion" Utf8, "the called API's version";
    RECIPIENTACCOUNTID "recipientAccountId" "recipientaccountid" Utf8, "the account that received the event";
    SERVICEEVENTDETAILS "serviceEventDetails" "serviceeventdetails" Json, "a service event's details, JSON";
    SHAREDEVENTID "sharedEventID" "sharedeventid" Utf8, "one id for the event's copies in several accounts";
    VPCENDPOINTID "vpcEndpointId" "vpcendpointid" Utf8, "the VPC endpoint the call went through";
    VPCENDPOINTACCOUNTID "vpcEndpointAccountId" "vpcendpointaccountid" Utf8, "the endpoint's account";
    EVENTCATEGORY "eventCategory" "eventcategory" Utf8, "Management, Data, Insight, NetworkActivity";
    ADDENDUM_ "addendum" "addendum" ADDENDUM, "why the event was delivered late or again";
    SESSIONCREDENTIALFROMCONSOLE "sessionCredentialFromConsole" "sessioncredentialfromconsole" Utf8, "whether the credentials come from a console session";
    EDGEDEVICEDETAILS "edgeDeviceDetails" "edgedevicedetails" Json, "the edge device, JSON";
    TLSDETAILS "tlsDetails" "tlsdetails" TLS_DETAILS, "the connection's TLS";
    MANAGEMENTEVENT "managementEvent" "managementevent" Utf8, "whether it is a management event";
    INSIGHTDETAILS "insightDetails" "insightdetails" Json, "an Insights event's details, JSON";
}

/// The `cloudtrail_logs` table.
pub static TABLE: TableDef = TableDef {
    name: "cloudtrail_logs",
    doc: "one CloudTrail event: who called which API, from where, with what, and what came of it",
    source: "https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html",
    fields: FIELDS,
    bloom: &[
        "eventid",
        "eventname",
        "sourceipaddress",
        "requestid",
        "useridentity.arn",
        "useridentity.accesskeyid",
        "useridentity.principalid",
        "useridentity.username",
    ],
    cluster: &["eventsource", "eventname"],
    events: EventColumns {
        actor: "coalesce(useridentity.arn, useridentity.username, useridentity.invokedby, useridentity.principalid, useridentity.type)",
        action: "eventname",
        target: "coalesce(resources[1].arn, eventsource)",
        source_address: "sourceipaddress",
        outcome: "coalesce(errorcode, 'Success')",
    },
    schema: OnceLock::new(),
};
