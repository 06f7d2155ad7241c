//! What runs beside the requests: folders watched, findings posted, controls assessed, state kept tidy.

mod changes;
mod incidents;
mod keeper;
mod outbox;
mod recheck;
mod respond;
mod shutdown;
mod tidy;
mod watch;
mod webhook;

pub use changes::Changes;
pub(crate) use incidents::{ACTION, ALARM, FINDING, incidents, of_finding};
pub use incidents::{respond_changed, take as take_incidents};
pub(crate) use keeper::RunKeeper;
pub(crate) use outbox::sender;
pub(crate) use recheck::{Failure as CheckFailure, recheck};
pub(crate) use respond::respond;
pub use shutdown::Shutdown;
pub(crate) use tidy::tidy;
pub(crate) use watch::watch;
pub use webhook::{CHANNEL, Webhook, WebhookError, signature};
