//! Log lines on stderr: lower case, structured, quiet by default.

use tracing_subscriber::EnvFilter;

use crate::args::Global;

/// Installs the log. `RUST_LOG` overrides `-v`.
pub(crate) fn init(global: &Global) {
    let default = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (_, 0) => "warn,deltalake_core=error,delta_kernel=error",
        (_, 1) => "info,deltalake_core=warn,delta_kernel=warn",
        (_, 2) => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}
