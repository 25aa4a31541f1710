//! Log lines on standard error: time, level, module, the correlation id of the request at hand, message.

use std::io::Write as _;

use crate::http::correlation;

/// Starts logging; `RUST_LOG` chooses levels, `info` by default. A second call does nothing.
pub fn start() {
    let environment = env_logger::Env::default().default_filter_or("info");
    let started = env_logger::Builder::from_env(environment)
        .format(|line, record| {
            let (time, level) = (line.timestamp_millis(), record.level());
            write!(line, "[{time} {level:<5} {}", record.target())?;
            if let Some(id) = correlation::current() {
                write!(line, " {id}")?;
            }
            writeln!(line, "] {}", record.args())
        })
        .try_init();
    if started.is_err() {
        log::debug!("logging was already started");
    }
}
