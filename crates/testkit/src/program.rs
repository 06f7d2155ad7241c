//! A server program that lives as long as the test that started it.

use std::fs::File;
use std::io::{BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Runs the server until it ends or the pipe on standard input closes, which it does however the
/// test process ends.
const KEEPER: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(cat <&3 >/dev/null; kill "$server" 2>/dev/null) &
wait "$server"
"#;

const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running server program. Stopped on drop.
#[derive(Debug)]
pub struct Program {
    keeper: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Program {
    /// Starts `command` with the arguments that `arguments` makes of a free port and a folder of
    /// its own, and waits until it takes connections.
    pub fn start(command: &str, arguments: impl Fn(u16, &std::path::Path) -> Vec<String>) -> Self {
        // Between finding a free port and using it, someone else may take it.
        for _ in 0..5 {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let address = free_address();
            let log = File::create(folder.path().join("log")).expect("a log file");
            let keeper = Command::new("sh")
                .args(["-c", KEEPER, "sh", command])
                .args(arguments(address.port(), folder.path()))
                .current_dir(folder.path())
                .stdin(Stdio::piped())
                .stdout(log.try_clone().expect("a second handle"))
                .stderr(log)
                .spawn()
                .expect("a shell");
            let mut program = Self { keeper, address, folder };
            if program.becomes_ready() {
                return program;
            }
            eprintln!("{command} ended at once, trying another port:\n{}", program.log());
        }
        panic!("{command} does not start");
    }

    fn becomes_ready(&mut self) -> bool {
        let began = Instant::now();
        loop {
            if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
                return true;
            }
            if self.keeper.try_wait().expect("a child to wait for").is_some() {
                return false;
            }
            assert!(began.elapsed() < READY_WITHIN, "not ready after {READY_WITHIN:?}:\n{}", self.log());
            pause(Duration::from_millis(50));
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its own folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// What it has printed, the first megabyte at most.
    #[must_use]
    pub fn log(&self) -> String {
        let mut text = Vec::new();
        if let Ok(file) = File::open(self.folder.path().join("log")) {
            text.extend(BufReader::new(file).bytes().map_while(Result::ok).take(1 << 20));
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

#[allow(clippy::disallowed_methods, reason = "a test thread, not a runtime worker")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// The program that `variable` names; `None` after saying why when the test is to be skipped.
pub(crate) fn find(variable: &str) -> Option<String> {
    if let Some(path) = std::env::var(variable).ok().filter(|path| !path.is_empty()) {
        return Some(path);
    }
    let excuse = std::env::var(format!("{variable}_MISSING")).ok().filter(|reason| !reason.is_empty());
    let required = std::env::var("TRAILKEEP_TEST_REQUIRE").is_ok_and(|value| value == "1");
    assert!(
        !required || excuse.is_some(),
        "{variable} is not set, and TRAILKEEP_TEST_REQUIRE=1 allows no skipping"
    );
    let reason = excuse.unwrap_or_else(|| "it is not set; run scripts/test".to_owned());
    let thread = std::thread::current();
    eprintln!("SKIPPED {}: {variable}: {reason}", thread.name().unwrap_or("test"));
    None
}

/// The path of cfn-lint, which checks CloudFormation templates. `None`: skip.
#[must_use]
pub fn cfn_lint() -> Option<String> {
    find("TRAILKEEP_TEST_CFN_LINT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_stopped_on_drop_and_its_port_is_free_again() {
        let serve = "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nprint('up', flush=True)\nwhile True: s.accept()";
        let program = Program::start("python3", |port, _| vec!["-c".into(), serve.into(), port.to_string()]);
        let address = program.address();
        assert!(program.log().contains("up"));
        drop(program);
        assert!(TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err());
    }
}
