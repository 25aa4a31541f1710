//! Command line arguments: `--flag`, `--name value` and `--name=value`.

use crate::failure::{Failure, Outcome};
use std::str::FromStr;

/// What is left of the command line; each `take_…` removes what it understood.
#[derive(Debug)]
pub struct Arguments {
    rest: Vec<String>,
    command: Option<String>,
}

impl Arguments {
    pub fn from_command_line() -> Self {
        Self::new(std::env::args().skip(1))
    }

    pub fn new(words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            rest: words.into_iter().map(Into::into).collect(),
            command: None,
        }
    }

    /// The first word, which names the command.
    pub fn command(&mut self) -> Option<String> {
        let command = (!self.rest.is_empty()).then(|| self.rest.remove(0));
        self.command.clone_from(&command);
        command
    }

    pub fn take_flag(&mut self, name: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|word| word != name);
        self.rest.len() < before
    }

    /// The value of `--name`; the last one wins when it is repeated.
    pub fn take_value(&mut self, name: &str) -> Outcome<Option<String>> {
        let mut found = None;
        while let Some(at) = self.rest.iter().position(|word| is_option(word, name)) {
            let word = self.rest.remove(at);
            found = Some(match word.split_once('=') {
                Some((_, value)) => value.to_owned(),
                None if at < self.rest.len() => self.rest.remove(at),
                None => return Err(Failure::usage(format!("`{name}` needs a value"))),
            });
        }
        Ok(found)
    }

    /// Like [`Arguments::take_value`], converted; `shape` says what would have been right.
    pub fn take_parsed<T: FromStr>(&mut self, name: &str, shape: &str) -> Outcome<Option<T>> {
        let Some(text) = self.take_value(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(Failure::usage(format!(
                "`{name}` must be {shape}, found `{text}`"
            ))),
        }
    }

    /// A flag that may have a value: `default` where it comes without, `None` where it does not come.
    pub fn take_flag_or_parsed<T: FromStr>(
        &mut self,
        name: &str,
        default: T,
        shape: &str,
    ) -> Outcome<Option<T>> {
        let is_alone = self
            .rest
            .iter()
            .position(|word| word == name)
            .is_some_and(|at| {
                let next = self.rest.get(at + 1);
                next.is_none_or(|next| next.starts_with("--"))
            });
        if is_alone && self.take_flag(name) {
            return Ok(Some(default));
        }
        self.take_parsed(name, shape)
    }

    /// Every word must have been understood by now.
    pub fn finish(self) -> Outcome<()> {
        match self.rest.first() {
            None => Ok(()),
            Some(word) => {
                let help = match &self.command {
                    Some(command) => format!("cargo xtask {command} --help"),
                    None => "cargo xtask help".to_owned(),
                };
                Err(Failure::usage(format!(
                    "unknown argument `{word}`; see `{help}`"
                )))
            }
        }
    }
}

fn is_option(word: &str, name: &str) -> bool {
    word.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_as_the_next_word_or_behind_an_equals_sign() {
        let mut arguments = Arguments::new(["--data", "a b", "--exec=echo x=1", "--release"]);
        assert_eq!(
            arguments.take_value("--data").unwrap().as_deref(),
            Some("a b")
        );
        assert_eq!(
            arguments.take_value("--exec").unwrap().as_deref(),
            Some("echo x=1")
        );
        assert!(arguments.take_flag("--release"));
        assert!(arguments.finish().is_ok());
    }

    #[test]
    fn an_unknown_argument_is_named() {
        let mut arguments = Arguments::new(["dev", "--relase"]);
        assert_eq!(arguments.command().as_deref(), Some("dev"));
        let failure = arguments.finish().unwrap_err();
        assert_eq!(failure.status, 2);
        assert_eq!(
            failure.message,
            "unknown argument `--relase`; see `cargo xtask dev --help`"
        );
    }

    #[test]
    fn a_flag_may_have_a_value_of_its_own() {
        let minutes = |words: &[&str]| {
            let mut arguments = Arguments::new(words.iter().copied());
            let minutes = arguments.take_flag_or_parsed("--long", 3_u64, "minutes");
            arguments.finish().map(|()| minutes.unwrap())
        };
        assert_eq!(minutes(&[]).unwrap(), None);
        assert_eq!(minutes(&["--long"]).unwrap(), Some(3));
        assert_eq!(minutes(&["--long", "10"]).unwrap(), Some(10));
        assert_eq!(minutes(&["--long=10"]).unwrap(), Some(10));
        let failure = minutes(&["--long", "--other"]).unwrap_err();
        assert!(failure.message.contains("`--other`"), "{}", failure.message);
    }

    #[test]
    fn a_value_of_the_wrong_shape_is_shown_with_the_right_one() {
        let failure = Arguments::new(["--api-port", "http"])
            .take_parsed::<u16>("--api-port", "a port number")
            .unwrap_err();
        assert_eq!(
            failure.message,
            "`--api-port` must be a port number, found `http`"
        );
    }
}
