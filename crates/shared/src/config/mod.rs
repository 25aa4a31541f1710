//! Settings, from flags and environment variables; all problems are reported at once.

pub mod database;
pub mod http;
pub mod limits;
pub mod proofs;
pub mod variables;

/// Collects the problems of a configuration, so that an operator sees all of them.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Takes the value, or notes what is wrong with the setting `name`.
    pub fn take<T, E: std::fmt::Display>(&mut self, name: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                self.0.push(format!("{name}: {problem}"));
                None
            }
        }
    }

    /// Notes a problem.
    pub fn add(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    /// `Ok` without problems, else one text with a line for each.
    ///
    /// # Errors
    /// The problems.
    pub fn finish(self) -> Result<(), String> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0.join("\n"))
        }
    }
}

/// Reads `on` or `off`.
///
/// # Errors
/// A text that says what is allowed.
pub fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" | "true" | "1" => Ok(true),
        "off" | "false" | "0" => Ok(false),
        other => Err(format!("must be `on` or `off`, found `{other}`")),
    }
}
