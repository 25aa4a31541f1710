//! The project's own commands: `cargo xtask dev`, `test`, `check`, `tidy`, `bench`.
//!
//! Deliberately small: the standard library and one crate for Ctrl-C, so that the first command of
//! a newcomer spends its time on the servers and not on the tool that starts them.
#![expect(
    clippy::disallowed_methods,
    reason = "the house rules about environment, time and sleeping are for the servers"
)]

mod arguments;
mod bench;
mod check;
mod children;
mod clients;
mod dev;
mod env_file;
mod failure;
mod fresh;
mod fuzz;
mod interrupt;
mod loopback;
mod node;
mod postgres;
mod servers;
mod temporary;
mod test;
mod tidy;
mod workspace;

use arguments::Arguments;
use failure::{Failure, Outcome};
use std::process::ExitCode;

/// Each command with its help.
const COMMANDS: [(&str, &str); 6] = [
    (
        "dev",
        "\
cargo xtask dev [OPTIONS]      build and start both servers with a demo project, until Ctrl-C
    --release                  optimized build (slower to build, faster to run)
    --database URL             postgres://… or sqlite://PATH (default: SQLite under --data)
    --auth-port N              port of the auth server (default 8080, 0 = a free one)
    --api-port N               port of the commerce API (default 8081, 0 = a free one)
    --data DIR                 database, credentials, secrets and logs (default ./data)
    --fresh                    start empty again: without what the SQLite database under --data has
    --seed demo|empty          with or without a small catalog (default demo)
    --limits                   keep the rate limits on
    --exec 'COMMAND …'         run COMMAND with the credentials in its environment, then stop",
    ),
    (
        "test",
        "\
cargo xtask test [OPTIONS]     every test: Rust, then the vendor's SDKs and independent OAuth clients against
                               running servers
    --require-postgres         fail, instead of skip, when there is no PostgreSQL
    --require-node             fail, instead of skip, when there is no Node.js
    --long [MINUTES]           many more random cases; and every test that could go on for ever does,
                               for so long on each database (default 3)",
    ),
    (
        "check",
        "\
cargo xtask check              formatting, tidy, clippy: what CI looks at first",
    ),
    (
        "tidy",
        "\
cargo xtask tidy               house rules that no compiler checks: layers, file length, test names",
    ),
    (
        "fuzz",
        "\
cargo xtask fuzz [TARGET]      libFuzzer on everything that reads strangers' bytes; needs a C++ compiler
    --seconds N                each target for so long (default 60)
    --keep                     keep what reaches new code in fuzz/corpus",
    ),
    (
        "bench",
        "\
cargo xtask bench [OPTIONS]    the release build under load, beside pgbench with the same statements;
                               needs wrk and PostgreSQL, and a machine with nothing else to do
    --rounds N                 measure everything so often, in turn (default 3)
    --seconds N                each time for so long (default 5)
    --carts SMALLER,LARGER     sizes of the two databases (default 1000,100000)
    --only TEXT                only paths whose name contains this",
    ),
];

const EXIT_STATUS: &str = "\
Exit status: 0 done, 1 failed, 2 wrong usage, 3 a server died, 130 interrupted;
`dev --exec` and `test` hand on the status of what they ran.";

fn main() -> ExitCode {
    match run(Arguments::from_command_line()) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            ExitCode::from(failure.status)
        }
    }
}

fn run(mut arguments: Arguments) -> Outcome<u8> {
    let command = arguments.command();
    if command.as_deref().is_none_or(is_help) {
        println!("{}", help(arguments.command().as_deref())?);
        return Ok(0);
    }
    if arguments.take_flag("--help") || arguments.take_flag("-h") {
        println!("{}", help(command.as_deref())?);
        return Ok(0);
    }
    match command.as_deref().unwrap_or_default() {
        "dev" => dev::run(&dev::Options::parse(arguments)?),
        "test" => test::run(&test::Options::parse(arguments)?),
        "check" => arguments.finish().and_then(|()| check::run()),
        "fuzz" => fuzz::run(&fuzz::Options::parse(arguments)?),
        "tidy" => arguments.finish().and_then(|()| tidy::run()),
        "bench" => bench::run(&bench::Options::parse(arguments)?),
        unknown => Err(no_command(unknown)),
    }
}

/// The help of one command, or of all.
fn help(command: Option<&str>) -> Outcome<String> {
    let texts: Vec<&str> = COMMANDS
        .iter()
        .filter(|(name, _)| command.is_none_or(|command| command == *name))
        .map(|(_, text)| *text)
        .collect();
    if let (Some(unknown), true) = (command, texts.is_empty()) {
        return Err(no_command(unknown));
    }
    Ok(format!("{}\n\n{EXIT_STATUS}", texts.join("\n\n")))
}

fn no_command(name: &str) -> Failure {
    Failure::usage(format!(
        "there is no command `{name}`; see `cargo xtask help`"
    ))
}

fn is_help(command: &str) -> bool {
    matches!(command, "help" | "--help" | "-h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_of_a_command_is_about_that_command_only() {
        let all = help(None).unwrap();
        for (name, _) in COMMANDS {
            let usage = |name: &str| format!("cargo xtask {name} ");
            let own = help(Some(name)).unwrap();
            assert!(
                all.contains(&usage(name)) && own.contains(&usage(name)),
                "{own}"
            );
            let others = COMMANDS.iter().filter(|(other, _)| *other != name);
            assert!(
                others
                    .clone()
                    .all(|(other, _)| !own.contains(&usage(other))),
                "{own}"
            );
        }
        assert!(help(Some("dve")).unwrap_err().message.contains("`dve`"));
    }
}
