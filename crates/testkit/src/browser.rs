//! ChromeDriver, and how to start Chromium with it.

use crate::program::{Program, find};

/// A running ChromeDriver.
#[derive(Debug)]
pub struct Browser {
    program: Program,
    /// Path of Chromium, for `goog:chromeOptions.binary`.
    pub chromium: String,
}

/// Arguments for `goog:chromeOptions.args`: headless, as root, and without the background
/// connections that a closed network refuses.
pub(crate) const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
];

/// Starts a ChromeDriver. `None`: skip.
pub fn chromedriver() -> Option<Browser> {
    let (command, chromium) = (find("TRAILKEEP_TEST_CHROMEDRIVER")?, find("TRAILKEEP_TEST_CHROMIUM")?);
    let program =
        Program::start(&command, |port, _| vec![format!("--port={port}"), "--allowed-ips=".to_owned()]);
    Some(Browser { program, chromium })
}

impl Browser {
    /// The WebDriver endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.program.address())
    }

    /// Arguments to start Chromium with.
    #[must_use]
    pub fn arguments(&self) -> &'static [&'static str] {
        ARGUMENTS
    }

    /// What ChromeDriver has printed.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }
}
