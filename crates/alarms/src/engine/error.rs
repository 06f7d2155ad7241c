//! What an engine refuses.

/// A request that cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no such alarm.
    #[error("there is no alarm '{name}'")]
    NotFound {
        /// The name that was given.
        name: String,
    },
    /// Several accounts or Regions have an alarm of this name.
    #[error("there are several alarms '{name}', like {one} and {other}; give the ARN")]
    Ambiguous {
        /// The name that was given.
        name: String,
        /// An alarm of that name.
        one: String,
        /// Another.
        other: String,
    },
    /// There are as many alarms as there may be.
    #[error("there are {most} alarms, and no more are taken; remove some, or watch fewer accounts")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
    /// A snapshot is of another kind.
    #[error(
        "the snapshot has version {found}, and this program reads version {known}; start without it: states begin anew"
    )]
    Version {
        /// The version found.
        found: u32,
        /// The version that is read.
        known: u32,
    },
}
