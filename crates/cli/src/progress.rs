//! The progress bar of an ingestion.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use trailkeep_pipeline::Progress;

use crate::output::thousands;

/// Shows bytes, events a second and the time left, until dropped.
pub(crate) struct Bar {
    bar: ProgressBar,
    task: tokio::task::JoinHandle<()>,
}

impl Bar {
    /// Starts a bar over `bytes` of input; none on a pipe or when quiet.
    pub(crate) fn start(progress: Arc<Progress>, bytes: u64, quiet: bool) -> Self {
        let bar = ProgressBar::new(bytes);
        if quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = "{spinner} {bar:30} {bytes}/{total_bytes} {msg} ETA {eta}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        let shown = bar.clone();
        let started = Instant::now();
        let task = tokio::spawn(async move {
            let mut tick = tokio::time::interval(Duration::from_millis(200));
            loop {
                tick.tick().await;
                let events = progress.events.load(Relaxed);
                let rate = events as f64 / started.elapsed().as_secs_f64().max(0.001);
                shown.set_position(progress.bytes.load(Relaxed));
                shown.set_message(format!("{} events, {}/s", thousands(events), thousands(rate as u64)));
            }
        });
        Self { bar, task }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}
