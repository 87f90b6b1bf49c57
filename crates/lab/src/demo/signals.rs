//! When to end: somebody pressed Ctrl-C, or the system asks.
//! Refuses to end a process by itself: whoever waits cleans up first.

/// Completes when the process is asked to end.
pub(super) async fn end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                // Without a handler the signal ends the process, as it would any other.
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = interrupted => {}
            _ = terminated => {}
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}
