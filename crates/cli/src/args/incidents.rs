//! The arguments of `trailkeep incidents`, `silences` and `channels`.

use clap::{Args as ClapArgs, Subcommand};
use trailkeep_detect::Level;
use trailkeep_state::IncidentStatus;

/// `trailkeep incidents`
#[derive(Debug, Subcommand)]
pub(crate) enum Incidents {
    /// List them, those with the latest signals first.
    List(ListIncidents),
    /// Show one: what it is, what happened to it, who was told.
    Show {
        /// Its id.
        incident: String,
    },
    /// Say that you are on it: nobody else is woken.
    Acknowledge {
        /// Its id.
        incident: String,
    },
    /// Say that it is done.
    Resolve {
        /// Its id.
        incident: String,
        /// Why.
        #[arg(long, value_name = "TEXT", default_value = "")]
        comment: String,
    },
    /// Open it again.
    Reopen {
        /// Its id.
        incident: String,
    },
    /// Give it to somebody.
    Assign {
        /// Its id.
        incident: String,
        /// To whom; left out: to nobody.
        to: Option<String>,
    },
    /// Write something into its timeline.
    Note {
        /// Its id.
        incident: String,
        /// What.
        text: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ListIncidents {
    /// Only of this status: open, acknowledged or resolved; may be given again.
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Vec<IncidentStatus>,
    /// Only of this level and above.
    #[arg(long, value_name = "LEVEL", value_parser = super::level)]
    pub(crate) min_level: Option<Level>,
    /// Only those with this text in title, summary, rule, resource or actor.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// The most incidents to print, up to 1,000.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
}

/// `trailkeep silences`
#[derive(Debug, Subcommand)]
pub(crate) enum Silences {
    /// List them, the newest first.
    List {
        /// Those that have ended, too.
        #[arg(long)]
        all: bool,
    },
    /// Hold back what people would be told of matching incidents.
    Add(AddSilence),
    /// End one now.
    End {
        /// Its number.
        silence: i64,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AddSilence {
    /// What it is about: level, below, kind, account, region, owner, rule, entity or actor, as
    /// `rule=sg_*`; all of them must fit, and of one that is given again any.
    #[arg(required = true, value_name = "LABEL=VALUE")]
    pub(crate) matchers: Vec<String>,
    /// For how long: 30m, 8h, 7d.
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) duration: String,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) comment: String,
}

/// `trailkeep channels`
#[derive(Debug, Subcommand)]
pub(crate) enum Channels {
    /// List those of the configuration, with what waits for each.
    List,
    /// Send a trial message, and say what came of it.
    Test {
        /// Its name.
        channel: String,
    },
}
