//! Log lines on standard error: time, level, module, message.

/// Starts logging; `RUST_LOG` chooses levels, `info` by default. A second call does nothing.
pub fn start() {
    let environment = env_logger::Env::default().default_filter_or("info");
    let started = env_logger::Builder::from_env(environment)
        .format_timestamp_millis()
        .try_init();
    if started.is_err() {
        log::debug!("logging was already started");
    }
}
