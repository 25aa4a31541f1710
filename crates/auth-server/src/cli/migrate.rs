//! `migrate`.

use clap::Args;
use serde_json::json;
use shared::{
    config::database::DatabaseArgs,
    db::{Migration, MigrationState},
};

use super::open;

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Change nothing; say which migrations were run. Exit status 1 if some are pending.
    #[arg(long)]
    status: bool,
    /// Print JSON.
    #[arg(long, requires = "status")]
    json: bool,
}

pub(super) fn run(arguments: &MigrateArgs) -> Result<(), String> {
    let database = open(&arguments.database)?;
    if arguments.status {
        let all = database.migrations().map_err(|error| error.to_string())?;
        return show(&all, arguments.json);
    }
    let ran = database.migrate().map_err(|error| error.to_string())?;
    if ran.is_empty() {
        println!("The schema is up to date.");
    }
    for name in ran {
        println!("ran migration {name}");
    }
    Ok(())
}

fn show(all: &[Migration], as_json: bool) -> Result<(), String> {
    if as_json {
        let rows = all
            .iter()
            .map(|one| json!({ "name": one.name, "state": one.state.as_str() }));
        println!("{:#}", rows.collect::<serde_json::Value>());
    } else {
        for one in all {
            println!("{:<8} {}", one.state.as_str(), one.name);
        }
    }
    let pending = all
        .iter()
        .filter(|one| one.state == MigrationState::Pending);
    match pending.count() {
        0 => Ok(()),
        number => Err(format!("{number} pending: run `auth-server migrate`")),
    }
}
