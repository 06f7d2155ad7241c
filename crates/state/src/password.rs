//! Passwords: argon2id, off the runtime's threads, a few at a time.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use rand::RngCore;
use tokio::sync::Semaphore;

use crate::StateError;

const SHORTEST: usize = 12;
/// Hashing takes time by length; nobody types more.
const LONGEST: usize = 1024;

/// Whether a password may be set: 12 characters or more, and not one repeated.
///
/// # Errors
/// Says what is asked for.
pub fn check_password(password: &str) -> Result<(), StateError> {
    let first = password.chars().next();
    let why = if password.chars().count() < SHORTEST {
        format!("use at least {SHORTEST} characters")
    } else if password.len() > LONGEST {
        format!("use at most {LONGEST} bytes")
    } else if password.chars().all(|character| Some(character) == first) {
        "use more than one character".to_owned()
    } else {
        return Ok(());
    };
    Err(StateError::invalid("the password", why))
}

/// The PHC string of a password, with a random salt and argon2's recommended cost.
pub(crate) async fn hash(permits: &Arc<Semaphore>, password: &str) -> Result<String, StateError> {
    check_password(password)?;
    let password = password.to_owned();
    work(permits, move || hash_now(&password)).await?
}

/// Whether the password is the one of the PHC string. Without one (no such user) it takes the same
/// time and is wrong, so that the time does not tell which users there are.
pub(crate) async fn verify(
    permits: &Arc<Semaphore>,
    password: &str,
    phc: Option<String>,
) -> Result<bool, StateError> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let password = password.to_owned();
    work(permits, move || {
        let known = phc.is_some();
        let phc = phc.map_or_else(nobody, Ok)?;
        let parsed = PasswordHash::new(&phc).map_err(failed)?;
        Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await?
}

/// The hash of a password that nobody knows.
fn nobody() -> Result<String, StateError> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(phc) = NOBODY.get() {
        return Ok(phc.clone());
    }
    let mut random = [0_u8; 32];
    rand::rng().fill_bytes(&mut random);
    let phc = hash_now(&hex::encode(random))?;
    Ok(NOBODY.get_or_init(|| phc).clone())
}

fn hash_now(password: &str) -> Result<String, StateError> {
    let mut salt = [0_u8; 16];
    rand::rng().fill_bytes(&mut salt);
    let salt = SaltString::encode_b64(&salt).map_err(failed)?;
    // `default` is argon2id, 19 MiB, two passes: what OWASP asks for.
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt).map_err(failed)?.to_string())
}

async fn work<T: Send + 'static>(
    permits: &Arc<Semaphore>,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StateError> {
    let permit = permits.clone().acquire_owned().await.map_err(failed)?;
    let done = tokio::task::spawn_blocking(move || {
        let _held_while_working = permit;
        job()
    });
    done.await.map_err(failed)
}

fn failed(error: impl ToString) -> StateError {
    StateError::Internal { what: "work on a password", why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let permits = Arc::new(Semaphore::new(2));
        let phc = hash(&permits, "correct horse battery").await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify(&permits, "correct horse battery", Some(phc.clone())).await.unwrap());
        assert!(!verify(&permits, "correct horse batterz", Some(phc.clone())).await.unwrap());
        assert!(!verify(&permits, "correct horse battery", None).await.unwrap());
        assert!(!verify(&permits, &"x".repeat(100_000), Some(phc)).await.unwrap());
        assert!(verify(&permits, "a", Some("not a PHC string".into())).await.is_err());
    }

    #[test]
    fn weak_passwords_are_refused_with_what_is_asked_for() {
        for (password, why) in
            [("short", "at least 12"), ("aaaaaaaaaaaaaaa", "more than one"), (&"ab".repeat(600), "at most")]
        {
            assert!(check_password(password).unwrap_err().to_string().contains(why), "{password}");
        }
        assert!(check_password("twelve chars").is_ok());
    }
}
