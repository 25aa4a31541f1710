//! Commands.

mod client_secrets;
mod client_update;
mod clients;
mod doctor;
mod keys;
mod migrate;
mod projects;
mod serve;
mod sessions;
mod templates;
mod tokens;

use std::sync::Arc;

use clap::{Parser, Subcommand};
use shared::{
    clock::SystemClock,
    config::{Problems, database::DatabaseArgs},
    db::{Database, DbError},
    random::SystemRandomness,
};

use crate::{
    grants::{access_token::Mint, pepper},
    model::client_secret::SecretPepper,
    settings::{SecretArgs, ServeArgs, note_unknown_variables},
};

/// OAuth 2.0 authorization server for guests, customers and API clients.
#[derive(Debug, Parser)]
#[command(version = build_info::VERSION_AND_COMMIT, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until told to stop (SIGTERM or Ctrl-C).
    Serve(ServeArgs),
    /// Bring the database schema up to date.
    Migrate(migrate::MigrateArgs),
    /// Projects.
    #[command(subcommand)]
    Project(projects::ProjectCommand),
    /// API clients.
    #[command(subcommand)]
    Client(clients::ClientCommand),
    /// Keys that sign access tokens.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Sessions of guests and customers.
    #[command(subcommand)]
    Session(sessions::SessionCommand),
    /// Access and refresh tokens.
    #[command(subcommand)]
    Token(tokens::TokenCommand),
    /// Look for what would hurt in production, and say what to do about it. Takes the settings of `serve`.
    Doctor(doctor::DoctorArgs),
    /// Check settings and database, and serve nothing.
    CheckConfig(ServeArgs),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// A text for the operator.
    pub fn run(self) -> Result<(), String> {
        match self.command {
            Command::Serve(arguments) => serve::serve(&arguments),
            Command::Migrate(arguments) => migrate::run(&arguments),
            Command::Project(command) => command.run(),
            Command::Client(command) => command.run(),
            Command::Keys(command) => command.run(),
            Command::Session(command) => command.run(),
            Command::Token(command) => command.run(),
            Command::Doctor(arguments) => arguments.run(),
            Command::CheckConfig(arguments) => serve::check(&arguments),
        }
    }
}

fn open(arguments: &DatabaseArgs) -> Result<Database, String> {
    let mut problems = Problems::default();
    note_unknown_variables(&mut problems);
    let settings = arguments.settings(&mut problems);
    problems.finish()?;
    let settings = settings.ok_or("the database settings are incomplete")?;
    Database::open(&settings).map_err(|error| format!("DATABASE_URL: {error}"))
}

fn open_migrated(arguments: &DatabaseArgs) -> Result<Database, String> {
    let database = open(arguments)?;
    refuse_unmigrated(&database)?;
    Ok(database)
}

/// A schema that is newer than this program is fine: instances are upgraded one after the other.
fn refuse_unmigrated(database: &Database) -> Result<(), String> {
    match database.is_migrated() {
        Ok(true) => Ok(()),
        Ok(false) => Err(
            "DATABASE_URL: the schema is not up to date: run `auth-server migrate` first"
                .to_owned(),
        ),
        Err(error) => Err(format!("DATABASE_URL: {error}")),
    }
}

/// The pepper for a command that makes secrets; not another one than theirs.
fn pepper(database: &Database, secrets: &SecretArgs) -> Result<SecretPepper, String> {
    let pepper = SecretPepper::new(&key(secrets, SecretArgs::secret_pepper)?);
    introduce(database, &pepper)?;
    Ok(pepper)
}

fn introduce(database: &Database, pepper: &SecretPepper) -> Result<(), String> {
    let is_ours = database
        .write_blocking::<_, DbError>(|tx| pepper::introduce(tx, pepper))
        .map_err(|error| error.to_string())?;
    if is_ours {
        Ok(())
    } else {
        Err(pepper::ANOTHER_PEPPER.to_owned())
    }
}

/// Time and randomness for commands; they issue no tokens, so the issuer has neither name nor rules.
fn mint() -> Mint {
    Mint {
        clock: Arc::new(SystemClock),
        randomness: Arc::new(SystemRandomness::new()),
        issuer: String::new(),
        longest_session_seconds: None,
    }
}

fn key<T>(
    secrets: &SecretArgs,
    take: impl FnOnce(&SecretArgs, &mut Problems) -> Option<T>,
) -> Result<T, String> {
    let mut problems = Problems::default();
    let key = take(secrets, &mut problems);
    problems.finish()?;
    key.ok_or_else(|| "a key is missing".to_owned())
}
