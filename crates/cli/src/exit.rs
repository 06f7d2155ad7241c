//! Exit statuses: 0 done; 1 failed; 2 wrong usage; 3 done, and something was found.

use std::process::ExitCode;

/// How a command that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// All is done.
    Done,
    /// Done, but some of what was asked for could not be.
    Incomplete,
    /// What was asked for makes no sense, which was said.
    Usage,
    /// Done, and something was found.
    Found,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Done => Self::SUCCESS,
            Status::Incomplete => Self::FAILURE,
            Status::Usage => Self::from(2),
            Status::Found => Self::from(3),
        }
    }
}

/// Tells the error and its causes on stderr. A pipe that was closed (`| head`) is no failure.
pub(crate) fn failed(error: &anyhow::Error) -> ExitCode {
    let closed = error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    });
    if closed {
        return ExitCode::SUCCESS;
    }
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain().map(|c| crate::output::clean(&c.to_string())) {
        // Errors that quote their cause would say it twice.
        if !causes.iter().any(|said| said.contains(&cause)) {
            causes.push(cause);
        }
    }
    crate::output::note(&format!("error: {}", causes.join("\n  because: ")));
    ExitCode::FAILURE
}
