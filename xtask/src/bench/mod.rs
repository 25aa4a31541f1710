//! `cargo xtask bench`: the release build under load, beside what its database and its signatures
//! cost on the same machine in the same minutes.
//!
//! Numbers of a shared machine mean little alone, so every path runs in turn with its yardstick and
//! the ratio is taken inside the round. Nothing is asserted: slow is not an error here.

mod cpu;
mod guests;
mod load;
mod paths;
mod report;
mod rows;
mod stage;

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome};
use crate::interrupt;
use load::Measured;
use paths::Path;
use stage::Stage;

/// Connections of the load, to the servers and to PostgreSQL.
const CONNECTIONS: u32 = 32;

#[derive(Debug)]
pub struct Options {
    pub rounds: u32,
    pub seconds: u32,
    /// Carts in the smaller and in the larger database.
    pub carts: (u32, u32),
    /// Only paths whose name contains this.
    pub only: Option<String>,
}

impl Options {
    pub fn parse(mut arguments: Arguments) -> Outcome<Self> {
        let count = |arguments: &mut Arguments, name: &str, default: u32| {
            let given = arguments.take_parsed::<u32>(name, "a number from 1")?;
            match given {
                Some(0) => Err(Failure::usage(format!("`{name}` must be at least 1"))),
                given => Ok(given.unwrap_or(default)),
            }
        };
        let options = Self {
            rounds: count(&mut arguments, "--rounds", 3)?,
            seconds: count(&mut arguments, "--seconds", 5)?,
            carts: carts(arguments.take_value("--carts")?.as_deref())?,
            only: arguments.take_value("--only")?,
        };
        arguments.finish()?;
        Ok(options)
    }
}

/// `SMALLER,LARGER`; the smaller database has at least the carts that are under load.
fn carts(text: Option<&str>) -> Outcome<(u32, u32)> {
    let text = text.unwrap_or("1000,100000");
    let both = text.split_once(',').and_then(|(smaller, larger)| {
        let both = (smaller.trim().parse().ok()?, larger.trim().parse().ok()?);
        (rows::UNDER_LOAD <= both.0 && both.0 <= both.1).then_some(both)
    });
    both.ok_or_else(|| {
        Failure::usage(format!(
            "`--carts` must be SMALLER,LARGER with at least {} carts, found `{text}`",
            rows::UNDER_LOAD
        ))
    })
}

/// What was measured of a path: for each round the server, then its yardstick.
#[derive(Debug)]
pub struct Series {
    pub path: Path,
    pub rounds: Vec<(Measured, Measured)>,
}

pub fn run(options: &Options) -> Outcome<u8> {
    interrupt::listen()?;
    load::require_wrk()?;
    let chosen: Vec<Path> = paths::all(options.carts)
        .into_iter()
        .filter(|path| {
            options
                .only
                .as_ref()
                .is_none_or(|only| path.name.contains(only.as_str()))
        })
        .collect();
    if chosen.is_empty() {
        return Err(Failure::usage("`--only` matches no path"));
    }
    let mut stage = Stage::build(options)?;
    let mut series: Vec<Series> = chosen
        .into_iter()
        .map(|path| Series {
            path,
            rounds: Vec::new(),
        })
        .collect();
    for one in &series {
        println!("warming up: {}", one.path.name);
        for contender in [&one.path.server, &one.path.beside] {
            stage.measure(contender, 1)?;
        }
    }
    for round in 1..=options.rounds {
        for one in &mut series {
            let server = stage.measure(&one.path.server, options.seconds)?;
            let beside = stage.measure(&one.path.beside, options.seconds)?;
            println!(
                "round {round}: {}: {}",
                one.path.name,
                report::progress(&one.path, &server, &beside)
            );
            one.rounds.push((server, beside));
        }
    }
    println!("\n{}", report::table(&series));
    println!("{}", report::processes(&stage.processes()?));
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_as_the_smaller_and_the_larger_number_of_carts() {
        assert_eq!(carts(None).unwrap(), (1_000, 100_000));
        assert_eq!(carts(Some("2000, 5000")).unwrap(), (2_000, 5_000));
        for wrong in ["5000", "5000,2000", "10,100000", "many,more"] {
            let failure = carts(Some(wrong)).unwrap_err();
            assert_eq!(failure.status, 2);
            assert!(failure.message.contains(wrong), "{}", failure.message);
        }
    }

    #[test]
    fn no_rounds_at_all_are_refused() {
        let failure = Options::parse(Arguments::new(["--rounds", "0"])).unwrap_err();
        assert_eq!(failure.message, "`--rounds` must be at least 1");
    }
}
