//! Who does something.

/// The one on whose behalf the state is changed; goes to the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// A user's or a token's name, or `system`.
    pub name: String,
    /// Where the request came from.
    pub address: Option<String>,
}

impl Actor {
    /// The program itself, on its own account.
    pub fn system() -> Self {
        Self { name: "system".into(), address: None }
    }

    /// Someone at the command line of this machine.
    pub fn local(name: impl Into<String>) -> Self {
        Self { name: name.into(), address: None }
    }
}
