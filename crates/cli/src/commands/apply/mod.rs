//! `trailkeep apply`.

mod emit;

use crate::args::{Apply, Global};
use crate::exit::Status;

pub(crate) fn run(global: &Global, args: &Apply) -> anyhow::Result<Status> {
    emit::run(global, &args.emit)
}
