//! Who a request may be addressed to, and where it may come from.
//!
//! - **Host**: an open console on loopback must not be reachable by a name that an attacker's
//!   DNS points at 127.0.0.1 ("DNS rebinding"). Only known names are answered.
//! - **Origin**: a page of another site must not make a browser send something here, whatever
//!   the cookie rules say. Forms have a token besides.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::config::ServerConfig;

/// The names that this server answers to.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    /// Lower case, without ports. None: any name.
    hosts: Option<Vec<String>>,
}

impl Guard {
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let mut hosts: Vec<String> =
            config.allowed_hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        hosts.extend(config.public_url.as_ref().and_then(Url::host_str).map(str::to_ascii_lowercase));
        let loopback = config.listen.ip().is_loopback();
        if loopback {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
            hosts.push(host_of_ip(config.listen.ip()));
        }
        // Elsewhere the certificate and the login stand between us and a foreign name, and health
        // checks come by address; names are checked when some are given.
        Self { hosts: (loopback || !hosts.is_empty()).then_some(hosts) }
    }

    fn knows(&self, headers: &HeaderMap, request: &Request) -> bool {
        let Some(hosts) = &self.hosts else { return true };
        let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let named = named.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
        named.is_some_and(|named| hosts.iter().any(|host| host == &without_port(named)))
    }
}

fn host_of_ip(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn without_port(host: &str) -> String {
    let end = match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => colon,
        _ => host.len(),
    };
    host[..end].to_ascii_lowercase()
}

/// Refuses what is addressed to another host, and changes that another site asks for.
pub(crate) async fn check(guard: Guard, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !guard.knows(headers, &request) {
        let text = "this server does not answer to that host name; add it to server.allowed_hosts, or use the address that trailkeep printed";
        return (StatusCode::MISDIRECTED_REQUEST, text).into_response();
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && is_foreign(headers) {
        return (StatusCode::FORBIDDEN, "refused: another site asked for this").into_response();
    }
    next.run(request).await
}

/// Browsers say where a request comes from; programs do not, and need not.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match text("origin") {
        None => false,
        Some(origin) => {
            let from = Url::parse(origin).ok().and_then(|url| {
                let host = url.host_str()?.to_owned();
                Some(match url.port() {
                    Some(port) => format!("{host}:{port}"),
                    None => host,
                })
            });
            let here = text("host")
                .map(|host| host.trim_end_matches(":443").trim_end_matches(":80").to_ascii_lowercase());
            from.is_none() || from != here
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn request(host: &str) -> Request {
        Request::builder().header("host", host).body(axum::body::Body::empty()).unwrap()
    }

    #[test]
    fn loopback_answers_to_its_own_names_only() {
        let guard = Guard::new(&Config::default().server);
        for known in ["localhost:7676", "127.0.0.1", "LOCALHOST", "[::1]:7676", "[::1]"] {
            let request = request(known);
            assert!(guard.knows(request.headers(), &request), "{known}");
        }
        for foreign in ["evil.example", "evil.example:7676", "127.0.0.1.evil.example", ""] {
            let request = request(foreign);
            assert!(!guard.knows(request.headers(), &request), "{foreign}");
        }
    }

    #[test]
    fn other_sites_are_told_apart() {
        let headers = |pairs: &[(&str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in pairs {
                map.insert(axum::http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
            }
            map
        };
        assert!(!is_foreign(&headers(&[("host", "localhost:7676")])));
        assert!(!is_foreign(&headers(&[("host", "localhost:7676"), ("origin", "http://localhost:7676")])));
        assert!(!is_foreign(&headers(&[("host", "t.example"), ("origin", "https://t.example")])));
        assert!(is_foreign(&headers(&[("host", "localhost:7676"), ("origin", "http://localhost:1")])));
        assert!(is_foreign(&headers(&[("host", "localhost:7676"), ("origin", "null")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(is_foreign(&headers(&[("sec-fetch-site", "same-site")])));
    }
}
