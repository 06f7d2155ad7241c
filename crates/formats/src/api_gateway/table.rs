//! `api_gateway_access_logs`, and which of the customer's keys belong to which column.

use std::sync::OnceLock;

use crate::table::{EventColumns, Field, TableDef, Type};

use Type::{Int32, Int64, Utf8};

/// The table's columns. Behind each name stand further spellings of its keys, normalised as
/// [`normalise`] does; the column's own name is always one of them.
macro_rules! columns {
    ($($index:ident $name:literal [$($alias:literal)*] $ty:expr, $doc:literal;)*) => {
        columns!(@index 0usize; $($index)*);

        const FIELDS: &[Field] = &[$(Field::new($name, $ty, $doc)),*];

        fn column_of_normalised(key: &str) -> Option<usize> {
            match key {
                $($name $(| $alias)* => Some($index),)*
                _ => None,
            }
        }
    };
    (@index $n:expr; $head:ident $($tail:ident)*) => {
        #[allow(dead_code, reason = "most columns are only filled, by their place")]
        pub(super) const $head: usize = $n;
        columns!(@index $n + 1usize; $($tail)*);
    };
    (@index $n:expr;) => {};
}

columns! {
    REQUEST_ID "requestid" [] Utf8, "the request's id; a client may choose it";
    EXTENDED_REQUEST_ID "extendedrequestid" [] Utf8, "the request's id that API Gateway chose";
    IP "ip" ["sourceip" "identitysourceip" "clientip"] Utf8, "the address the request came from";
    CALLER "caller" ["identitycaller"] Utf8, "the principal that signed the request";
    USER "user" ["identityuser"] Utf8, "the user that resource policies are checked for";
    USER_ARN "userarn" ["identityuserarn"] Utf8, "the ARN of the principal";
    REQUEST_TIME "requesttime" [] Utf8, "when the request came, `09/Apr/2015:12:34:56 +0000`";
    REQUEST_TIME_EPOCH "requesttimeepoch" [] Int64, "when the request came, milliseconds since the epoch";
    HTTP_METHOD "httpmethod" ["method" "httpverb"] Utf8, "the HTTP method";
    RESOURCE_PATH "resourcepath" [] Utf8, "the API's resource, such as /pets/{id}";
    PATH "path" ["requestpath" "uri"] Utf8, "the request's path";
    ROUTE_KEY "routekey" [] Utf8, "the route, such as `GET /pets` or `$connect`";
    STATUS "status" ["statuscode" "responsestatus"] Int32, "the response's HTTP status";
    PROTOCOL "protocol" [] Utf8, "the protocol, such as HTTP/1.1";
    RESPONSE_LENGTH "responselength" [] Int64, "bytes of the response's body";
    RESPONSE_LATENCY "responselatency" ["latency"] Int64, "milliseconds until the response";
    DATA_PROCESSED "dataprocessed" [] Int64, "bytes that were processed";
    USER_AGENT "useragent" ["identityuseragent"] Utf8, "the User-Agent header";
    API_ID "apiid" [] Utf8, "the API";
    STAGE "stage" [] Utf8, "the API's stage";
    DOMAIN_NAME "domainname" [] Utf8, "the host the request went to";
    DOMAIN_PREFIX "domainprefix" [] Utf8, "the first label of the host";
    BASE_PATH "basepathmatched" ["customdomainbasepathmatched"] Utf8, "the API mapping that matched";
    ACCOUNT_ID "accountid" [] Utf8, "the API owner's account";
    RESOURCE_ID "resourceid" [] Utf8, "the API's resource, its id";
    DEPLOYMENT_ID "deploymentid" [] Utf8, "the API's deployment";
    PRINCIPAL_ORG "principalorgid" ["identityprincipalorgid"] Utf8, "the organisation of the principal";
    IDENTITY_ACCOUNT "identityaccountid" [] Utf8, "the account of the principal";
    API_KEY "apikey" ["identityapikey"] Utf8, "the API key that was sent";
    API_KEY_ID "apikeyid" ["identityapikeyid"] Utf8, "the id of that API key";
    COGNITO_IDENTITY "cognitoidentityid" ["identitycognitoidentityid"] Utf8, "the Cognito identity";
    COGNITO_POOL "cognitoidentitypoolid" ["identitycognitoidentitypoolid"] Utf8, "the Cognito identity pool";
    COGNITO_PROVIDER "cognitoauthenticationprovider" ["identitycognitoauthenticationprovider"] Utf8, "the Cognito providers that were used";
    COGNITO_TYPE "cognitoauthenticationtype" ["identitycognitoauthenticationtype"] Utf8, "authenticated, unauthenticated";
    CLIENT_CERT_SUBJECT "clientcertsubjectdn" ["identityclientcertsubjectdn"] Utf8, "the subject of the client's certificate";
    CLIENT_CERT_ISSUER "clientcertissuerdn" ["identityclientcertissuerdn"] Utf8, "the issuer of the client's certificate";
    CLIENT_CERT_SERIAL "clientcertserialnumber" ["identityclientcertserialnumber"] Utf8, "the serial number of the client's certificate";
    VPC_ID "vpcid" ["identityvpcid"] Utf8, "the VPC the request came from";
    VPCE_ID "vpceid" ["identityvpceid"] Utf8, "the VPC endpoint the request came through";
    AUTHORIZER_PRINCIPAL "authorizerprincipalid" ["principalid"] Utf8, "the principal the authorizer returned";
    AUTHORIZER_SUB "authorizerclaimssub" ["claimssub"] Utf8, "the subject of the token";
    AUTHORIZER_USERNAME "authorizerclaimsusername" ["claimsusername" "authorizerclaimscognitousername"] Utf8, "the user name in the token";
    AUTHORIZER_EMAIL "authorizerclaimsemail" ["claimsemail"] Utf8, "the e-mail address in the token";
    AUTHORIZER_ERROR "authorizererror" [] Utf8, "the authorizer's error";
    AUTHORIZER_STATUS "authorizerstatus" [] Utf8, "the authorizer's status";
    AUTHORIZER_LATENCY "authorizerlatency" [] Utf8, "the authorizer's milliseconds";
    AUTHORIZER_REQUEST "authorizerrequestid" [] Utf8, "the authorizer call's request id";
    AUTHORIZER_INTEGRATION_STATUS "authorizerintegrationstatus" [] Utf8, "the authorizer function's status";
    AUTHORIZER_INTEGRATION_LATENCY "authorizerintegrationlatency" [] Utf8, "the authorizer function's milliseconds";
    AUTHENTICATE_ERROR "authenticateerror" [] Utf8, "the error of authentication";
    AUTHENTICATE_STATUS "authenticatestatus" [] Utf8, "the status of authentication";
    AUTHORIZE_ERROR "authorizeerror" [] Utf8, "the error of authorization";
    AUTHORIZE_STATUS "authorizestatus" [] Utf8, "the status of authorization";
    ERROR_MESSAGE "errormessage" ["errormessagestring"] Utf8, "API Gateway's error";
    ERROR_RESPONSE_TYPE "errorresponsetype" [] Utf8, "API Gateway's error type";
    ERROR_VALIDATION "errorvalidationerrorstring" ["validationerrorstring" "validationerror"] Utf8, "how the request broke the API's model";
    INTEGRATION_ERROR "integrationerror" ["integrationerrormessage"] Utf8, "the integration's error";
    INTEGRATION_STATUS "integrationstatus" ["integrationintegrationstatus" "backendstatus"] Utf8, "the integration's status";
    INTEGRATION_SERVICE_STATUS "integrationservicestatus" [] Utf8, "the status the integrated AWS service returned";
    INTEGRATION_LATENCY "integrationlatency" [] Utf8, "the integration's milliseconds";
    INTEGRATION_REQUEST "integrationrequestid" ["awsendpointrequestid"] Utf8, "the integration call's request id";
    INTEGRATION_REQUEST2 "awsendpointrequestid2" [] Utf8, "the integration call's x-amz-id-2";
    WAF_RESPONSE_CODE "wafresponsecode" [] Utf8, "WAF_ALLOW, WAF_BLOCK";
    WAF_STATUS "wafstatus" [] Utf8, "WAF's status";
    WAF_ERROR "waferror" [] Utf8, "WAF's error";
    WAF_LATENCY "waflatency" [] Utf8, "WAF's milliseconds";
    WEB_ACL_ARN "webaclarn" [] Utf8, "the web ACL that decided";
    XRAY_TRACE_ID "xraytraceid" [] Utf8, "the X-Ray trace";
    TLS_VERSION "tlsversion" [] Utf8, "the TLS version";
    CIPHER_SUITE "ciphersuite" [] Utf8, "the TLS cipher";
    CONNECTION_ID "connectionid" [] Utf8, "the WebSocket connection";
    CONNECTED_AT "connectedat" [] Utf8, "when the WebSocket connection was made";
    EVENT_TYPE "eventtype" [] Utf8, "CONNECT, MESSAGE, DISCONNECT";
    MESSAGE_ID "messageid" [] Utf8, "the WebSocket message";
    MESSAGE_DIRECTION "messagedirection" [] Utf8, "the WebSocket message's direction";
    DISCONNECT_STATUS "disconnectstatuscode" [] Utf8, "why the WebSocket connection was closed, its code";
    DISCONNECT_REASON "disconnectreason" [] Utf8, "why the WebSocket connection was closed";
}

/// The `api_gateway_access_logs` table.
pub static TABLE: TableDef = TableDef {
    name: "api_gateway_access_logs",
    doc: "one request to an API Gateway stage; its fields are those the API's owner chose to log",
    source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html",
    fields: FIELDS,
    bloom: &[
        "requestid",
        "extendedrequestid",
        "ip",
        "userarn",
        "caller",
        "apikeyid",
        "authorizerprincipalid",
    ],
    cluster: &["apiid", "routekey"],
    events: EventColumns {
        actor: "coalesce(userarn, \"user\", caller, authorizerclaimsusername, authorizerprincipalid, authorizerclaimssub)",
        action: "coalesce(httpmethod, eventtype)",
        target: "coalesce(domainname, apiid, '') || coalesce(\"path\", resourcepath, routekey, '')",
        source_address: "ip",
        outcome: "CASE WHEN status BETWEEN 100 AND 399 THEN 'Success' ELSE coalesce(errorresponsetype, CAST(status AS VARCHAR)) END",
    },
    schema: OnceLock::new(),
};

/// A key as customers spell it, made one: `$context.identity.sourceIp`, `source_ip` and
/// `SourceIP` name the same thing.
pub(super) fn normalise(prefix: &str, key: &str) -> String {
    let mut normal = String::with_capacity(prefix.len() + key.len());
    normal.push_str(prefix);
    normal.extend(key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    match normal.strip_prefix("context") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => normal,
    }
}

/// The column of a normalised key.
pub(super) fn column_of(normal: &str) -> Option<usize> {
    column_of_normalised(normal)
}

/// Whether an object under this key holds variables, as `$context` has them:
/// `{"identity":{"sourceIp":…}}`.
pub(super) fn is_group(normal: &str) -> bool {
    matches!(
        normal,
        "context"
            | "identity"
            | "identityclientcert"
            | "authorizer"
            | "authorizerclaims"
            | "authorize"
            | "authenticate"
            | "integration"
            | "error"
            | "waf"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_variable_are_one_column() {
        for key in [
            "ip",
            "sourceIp",
            "$context.identity.sourceIp",
            "source_ip",
            "identity.sourceIp",
            "context.identity.sourceIp",
        ] {
            assert_eq!(column_of(&normalise("", key)), Some(IP), "{key}");
        }
        assert_eq!(column_of(&normalise("authorizerclaims", "cognito:username")), Some(AUTHORIZER_USERNAME));
        assert_eq!(column_of(&normalise("", "context")), None);
        assert_eq!(column_of(&normalise("", "favourite colour")), None);
    }
}
