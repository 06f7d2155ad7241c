//! Chores of this repository: `cargo xtask new …` scaffolds, `cargo xtask reference` writes the
//! reference pages from the code.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command for developers")]

mod check_page;
mod names;
mod reference;
mod scaffold;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Chores of this repository")]
struct Arguments {
    /// The repository, when it is not the one this was built in.
    #[arg(long, global = true)]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Scaffold something that has a registry: its file, its line, and a test that says what to fill in.
    New {
        #[command(subcommand)]
        what: New,
    },
    /// Write docs/reference from the code.
    Reference {
        /// Only look, and fail when a page is stale.
        #[arg(long)]
        check: bool,
    },
}

#[derive(Debug, Subcommand)]
enum New {
    /// A log format: a module in crates/formats.
    Format {
        /// In snake case, after the service: `route53_resolver`.
        name: String,
    },
    /// A check of one of the six controls: a file in crates/baseline/src/checks.
    Check {
        /// `folder/name` in snake case: `trail/log_file_validation`.
        name: String,
    },
    /// A detection rule of the built-in pack, with its test events.
    Rule {
        /// `family/name` in snake case: `network/peering_accepted`.
        name: String,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<String> {
    let root = match arguments.root {
        Some(root) => root,
        None => repository()?,
    };
    match arguments.command {
        Command::New { what: New::Format { name } } => scaffold::format(&root, &name),
        Command::New { what: New::Check { name } } => scaffold::check(&root, &name),
        Command::New { what: New::Rule { name } } => scaffold::rule(&root, &name),
        Command::Reference { check } => reference::run(&root, check),
    }
}

/// The repository this was built in.
fn repository() -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has a folder above it")?;
    Ok(folder.to_owned())
}
