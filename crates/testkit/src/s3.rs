//! S3 servers.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::program::{Program, find};

static MOTO: OnceLock<Option<S3Server>> = OnceLock::new();
static REAL: OnceLock<Option<S3Server>> = OnceLock::new();
static BUCKETS: AtomicU32 = AtomicU32::new(0);

/// An S3 server of this test binary.
#[derive(Debug)]
pub struct S3Server {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// The only access key.
    pub access_key_id: &'static str,
    /// Its secret.
    pub secret_access_key: &'static str,
    /// The server's Region.
    pub region: &'static str,
    program: Program,
    is_moto: bool,
}

/// moto: every AWS API, checks no signatures. `None`: skip.
pub fn moto() -> Option<&'static S3Server> {
    let start = || {
        let command = find("TRAILKEEP_TEST_MOTO")?;
        let program = Program::start(&command, |port, _| {
            ["-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned).to_vec()
        });
        Some(S3Server::new(program, true))
    };
    MOTO.get_or_init(start).as_ref()
}

/// A real S3 server (Versity S3 Gateway over a folder): checks signatures, keeps objects on disk.
/// `None`: skip.
pub fn real_s3() -> Option<&'static S3Server> {
    let start = || {
        let command = find("TRAILKEEP_TEST_S3")?;
        let program = Program::start(&command, |port, folder| {
            for name in ["buckets", "meta"] {
                fs::create_dir(folder.join(name)).expect("a folder for objects");
            }
            // Metadata beside the objects: not every file system has extended attributes.
            let (buckets, meta) = (folder.join("buckets"), folder.join("meta"));
            let (buckets, meta) = (buckets.to_string_lossy(), meta.to_string_lossy());
            let address = format!("127.0.0.1:{port}");
            [
                "--quiet",
                "--port",
                &address,
                "--access",
                "testkit",
                "--secret",
                "testkit-secret",
                "posix",
                "--sidecar",
                &meta,
                &buckets,
            ]
            .map(str::to_owned)
            .to_vec()
        });
        Some(S3Server::new(program, false))
    };
    REAL.get_or_init(start).as_ref()
}

impl S3Server {
    fn new(program: Program, is_moto: bool) -> Self {
        Self {
            endpoint: format!("http://{}", program.address()),
            access_key_id: "testkit",
            secret_access_key: "testkit-secret",
            region: "us-east-1",
            program,
            is_moto,
        }
    }

    /// Makes a bucket with a name of its own.
    pub fn new_bucket(&self) -> String {
        let bucket = format!("trailkeep-test-{}", BUCKETS.fetch_add(1, Ordering::Relaxed));
        if self.is_moto {
            assert_eq!(self.http("PUT", &format!("/{bucket}"), b""), 200, "{}", self.program.log());
        } else {
            fs::create_dir(self.program.folder().join("buckets").join(&bucket)).expect("a new bucket");
        }
        bucket
    }

    /// An unsigned request, path and query as they are (moto only: a real server refuses it).
    /// Gives the status.
    pub fn http(&self, method: &str, path: &str, body: &[u8]) -> u16 {
        let mut stream = TcpStream::connect(self.program.address()).expect("the server");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.program.address(),
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("a request sent");
        let answer: Vec<u8> = BufReader::new(stream).bytes().map_while(Result::ok).take(12).collect();
        let status = std::str::from_utf8(&answer).ok().and_then(|text| text.get(9..12)?.parse().ok());
        status.expect("an HTTP status")
    }

    /// What the server has printed.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }
}
