//! A mail server that keeps what it gets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::program::{Program, find};

/// Makes an authority and a certificate of it for this machine.
const CERTIFICATES: &str = r#"
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
now, folder = datetime.datetime.now(datetime.timezone.utc), sys.argv[1]
def made(name, key, issuer, signer, authority):
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True))
    if not authority:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(signer, hashes.SHA256())
ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
ca = made("Test authority", ca_key, None, ca_key, True)
leaf = made("localhost", key, ca.subject, ca_key, False)
pem = serialization.Encoding.PEM
open(f"{folder}/ca.pem", "wb").write(ca.public_bytes(pem))
open(f"{folder}/cert.pem", "wb").write(leaf.public_bytes(pem))
open(f"{folder}/key.pem", "wb").write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
"#;

/// How connections are kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// They are not.
    Plain,
    /// By `STARTTLS`, without which nothing is taken.
    StartTls,
    /// From their beginning.
    Tls,
}

/// A mail server of one test.
#[derive(Debug)]
pub struct SmtpServer {
    program: Program,
    folder: TempDir,
}

/// aiosmtpd, on 127.0.0.1. `None`: skip.
pub fn smtp(security: SmtpSecurity) -> Option<SmtpServer> {
    let command = find("TRAILKEEP_TEST_SMTP")?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let python = Path::new(&command).with_file_name("python");
    let made = Command::new(python).args(["-c", CERTIFICATES]).arg(folder.path()).status();
    assert!(made.expect("Python").success(), "certificates could not be made");
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (mail, certificate, key) = (file("mail"), file("cert.pem"), file("key.pem"));
    let program = Program::start(&command, |port, _| {
        let mut arguments = vec!["-n".to_owned(), "-l".to_owned(), format!("127.0.0.1:{port}")];
        let kind = match security {
            SmtpSecurity::Plain => None,
            SmtpSecurity::StartTls => Some(("--tlscert", "--tlskey")),
            SmtpSecurity::Tls => Some(("--smtpscert", "--smtpskey")),
        };
        if let Some((first, second)) = kind {
            arguments.extend([first, &certificate, second, &key].map(str::to_owned));
        }
        arguments.extend(["-c", "aiosmtpd.handlers.Mailbox", &mail].map(str::to_owned));
        arguments
    });
    Some(SmtpServer { program, folder })
}

impl SmtpServer {
    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.program.address().port()
    }

    /// The authority of its certificate, PEM.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// What it got, as it came, in no particular order.
    #[must_use]
    pub fn mails(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.path().join("mail/new")) else { return Vec::new() };
        let paths = entries.map(|entry| entry.expect("a readable folder").path());
        paths.map(|path| fs::read_to_string(path).expect("a mail")).collect()
    }

    /// What it has printed.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }
}
