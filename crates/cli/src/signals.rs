//! Ctrl-C: the first drains, the second forces.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::output::note;

/// Cancels the token at the first Ctrl-C (or SIGTERM); at the second, or when draining takes too
/// long, the process ends as the shell would end it. What is committed stays either way.
pub(crate) fn drain_on_interrupt(token: CancellationToken, saying: &'static str, limit: Duration) {
    tokio::spawn(async move {
        interrupted().await;
        note(&format!("\n{saying} (Ctrl-C again to stop at once)"));
        token.cancel();
        tokio::select! {
            () = interrupted() => note("stopped at once"),
            () = tokio::time::sleep(limit) => note("could not finish in time, stopped"),
        }
        // Destructors would wait for what just refused to end; a kill is what the lake is made for.
        #[allow(clippy::disallowed_methods, clippy::exit)]
        std::process::exit(130);
    });
}

async fn interrupted() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => {
            if result.is_err() {
                std::future::pending::<()>().await;
            }
        }
        () = terminate => {}
    }
}
