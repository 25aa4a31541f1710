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

const USAGE: &str = "\
The project's commands.

cargo xtask dev [OPTIONS]      build and start both servers with a demo project
    --release                  optimized build (slower to build, faster to run)
    --database URL             postgres://… or sqlite://PATH (default: SQLite under --data)
    --auth-port N              port of the auth server (default 8080, 0 = a free one)
    --api-port N               port of the commerce API (default 8081, 0 = a free one)
    --data DIR                 database, credentials, mail and logs (default ./data)
    --seed demo|empty          with or without a small catalog (default demo)
    --limits                   keep the rate limits on
    --exec 'COMMAND …'         run COMMAND with the credentials in its environment, then stop

cargo xtask test [OPTIONS]     every test: Rust, then the vendor's SDKs and independent OAuth clients against
                               running servers
    --require-postgres         fail, instead of skip, when there is no PostgreSQL
    --require-node             fail, instead of skip, when there is no Node.js
    --long [MINUTES]           many more random cases; and every test that could go on for ever does,
                               for so long on each database (default 3)

cargo xtask check              formatting, tidy, clippy: what CI looks at first
cargo xtask tidy               house rules that no compiler checks: layers, file length, test names

cargo xtask fuzz [TARGET]      libFuzzer on everything that reads strangers' bytes; needs a C++ compiler
    --seconds N                each target for so long (default 60)
    --keep                     keep what reaches new code in fuzz/corpus

cargo xtask bench [OPTIONS]    the release build under load, beside pgbench with the same statements;
                               needs wrk and PostgreSQL, and a machine with nothing else to do
    --rounds N                 measure everything so often, in turn (default 3)
    --seconds N                each time for so long (default 5)
    --carts SMALLER,LARGER     sizes of the two databases (default 1000,100000)
    --only TEXT                only paths whose name contains this

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
    if command.as_deref().is_none_or(is_help)
        || arguments.take_flag("--help")
        || arguments.take_flag("-h")
    {
        println!("{USAGE}");
        return Ok(0);
    }
    match command.as_deref().unwrap_or_default() {
        "dev" => dev::run(&dev::Options::parse(arguments)?),
        "test" => test::run(&test::Options::parse(arguments)?),
        "check" => arguments.finish().and_then(|()| check::run()),
        "fuzz" => fuzz::run(&fuzz::Options::parse(arguments)?),
        "tidy" => arguments.finish().and_then(|()| tidy::run()),
        "bench" => bench::run(&bench::Options::parse(arguments)?),
        unknown => Err(Failure::usage(format!(
            "there is no command `{unknown}`; see `cargo xtask help`"
        ))),
    }
}

fn is_help(command: &str) -> bool {
    matches!(command, "help" | "--help" | "-h")
}
