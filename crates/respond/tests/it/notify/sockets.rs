//! Syslog and Kafka over sockets.

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, UdpSocket};
use trailkeep_respond::route::Action;

use super::{channel, message};

fn settings(port: u16, transport: &str, format: &str) -> String {
    format!("host = \"127.0.0.1\"\nport = {port}\ntransport = \"{transport}\"\nformat = \"{format}\"")
}

#[tokio::test]
async fn cef_over_tcp_counts_its_octets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reader = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    });
    let syslog = channel("syslog", &settings(port, "tcp", "cef"));
    syslog.channel.send(&message(Action::Record, 1, None)).await.unwrap();
    let text = reader.await.unwrap();
    let (length, rest) = text.split_once(' ').unwrap();
    assert_eq!(length.parse::<usize>().unwrap(), rest.len());
    insta::assert_snapshot!("cef", rest);
}

#[tokio::test]
async fn leef_over_udp_is_a_datagram() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let syslog = channel("syslog", &settings(port, "udp", "leef"));
    syslog.channel.send(&message(Action::Record, 1, None)).await.unwrap();
    let mut bytes = [0; 4096];
    let length = socket.recv(&mut bytes).await.unwrap();
    assert!(length <= 2048);
    insta::assert_snapshot!("leef", String::from_utf8_lossy(&bytes[..length]));
}

#[tokio::test]
async fn nobody_there_is_worth_trying_again() {
    for (kind, settings) in [("syslog", settings(9, "tcp", "cef")), ("syslog", settings(9, "tls", "cef"))] {
        let error =
            channel(kind, &settings).channel.send(&message(Action::Record, 1, None)).await.unwrap_err();
        assert!(error.retryable && error.reason.contains("127.0.0.1:9"), "{error}");
    }
}
