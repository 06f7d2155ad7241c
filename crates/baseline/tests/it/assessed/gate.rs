//! A gate before moto: it turns some calls away, as AWS does, and hands the others on.

use std::io::{Read, Write};
use std::net::TcpStream;

use trailkeep_testkit::{Reply, Request, ScriptedServer};

/// A server that refuses the calls of these names with this status and code.
pub(super) fn refusing(
    endpoint: &str,
    calls: &'static [&'static str],
    (status, code): (u16, &'static str),
) -> ScriptedServer {
    let address = endpoint.trim_start_matches("http://").to_owned();
    ScriptedServer::answering(move |request| {
        let name = operation(request);
        if calls.contains(&name.as_str()) {
            let body = format!(r#"{{"__type":"{code}","message":"turned away at the gate"}}"#);
            return Reply::new(status, body).header("content-type", "application/x-amz-json-1.1");
        }
        forward(request, &address).unwrap_or_else(|error| panic!("{}: {error}", request.line))
    })
}

/// The operation, for services of the JSON protocol, which alone are turned away here.
fn operation(request: &Request) -> String {
    request.header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned()
}

/// Sends the request on, as it came but for the connection.
fn forward(request: &Request, address: &str) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(address)?;
    let mut head = format!("{}\r\nconnection: close\r\n", request.line);
    let kept = request.headers.iter().filter(|(name, _)| {
        !matches!(name.as_str(), "connection" | "content-length" | "transfer-encoding" | "expect")
    });
    for (name, value) in kept {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", request.body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(&request.body)?;
    let mut answer = Vec::new();
    std::io::copy(&mut stream.take(64 << 20), &mut answer)?;
    Ok(reply(&answer))
}

fn reply(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("the end of the headers");
    let head = String::from_utf8_lossy(&answer[..end]);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let header = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    };
    let mut made = Reply::new(status, &answer[end + 4..]);
    for name in ["content-type", "x-amzn-errortype"] {
        if let Some(value) = header(name) {
            made = made.header(name, value);
        }
    }
    made
}
