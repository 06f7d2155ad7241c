//! The `trailkeep` command: parses, runs, maps the outcome to an exit status.

use std::process::ExitCode;

use clap::Parser;

mod allocator;
mod args;
mod commands;
mod context;
mod exit;
mod logging;
mod output;
mod progress;
mod rules;
mod scan;
mod signals;

fn main() -> ExitCode {
    allocator::give_back_soon();
    let args = args::Args::parse();
    logging::init(&args.global);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::failed(&anyhow::Error::from(error).context("cannot start the runtime")),
    };
    match runtime.block_on(commands::run(args)) {
        Ok(status) => status.into(),
        Err(error) => exit::failed(&error),
    }
}
