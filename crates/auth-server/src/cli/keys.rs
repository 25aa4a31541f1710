//! `keys list | rotate`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use shared::{
    config::database::DatabaseArgs,
    db::DbError,
    token::{
        keys::{self, KeyError, SigningAlgorithm},
        sealing::SealingKey,
    },
};

use super::{key, mint, open_migrated};
use crate::settings::SecretArgs;

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// List the published keys, oldest first.
    List(ListArgs),
    /// Make a new key and sign with it from now on; the old one stays published for the tokens it signed.
    Rotate(RotateArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    /// `ES256` or `EdDSA`.
    #[arg(long, default_value = "ES256")]
    algorithm: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl KeysCommand {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::List(arguments) => list(&arguments),
            Self::Rotate(arguments) => rotate(&arguments),
        }
    }
}

fn list(arguments: &ListArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let found = database
        .read_blocking::<_, DbError>(keys::public_keys)
        .map_err(|error| error.to_string())?;
    if arguments.json {
        let all: Vec<Value> = found.into_iter().map(|key| key.jwk).collect();
        println!("{:#}", Value::Array(all));
        return Ok(());
    }
    for key in found {
        println!("{}\t{:?}", key.kid, key.algorithm);
    }
    Ok(())
}

fn rotate(arguments: &RotateArgs) -> Result<(), String> {
    let algorithm = SigningAlgorithm::parse(&arguments.algorithm).ok_or_else(|| {
        format!(
            "--algorithm must be ES256 or EdDSA, found `{}`",
            arguments.algorithm
        )
    })?;
    let encryption_key = key(&arguments.secrets, SecretArgs::key_encryption_key)?;
    let seal = SealingKey::new(encryption_key.reveal()).map_err(|error| error.to_string())?;
    let database = open_migrated(&arguments.database)?;
    let mint = mint();
    let kid = database
        .write_blocking::<_, KeyError>(|tx| {
            keys::rotate(tx, algorithm, &seal, mint.now(), mint.randomness.as_ref())
        })
        .map_err(|error| error.to_string())?;
    if arguments.json {
        println!("{:#}", json!({ "kid": kid }));
    } else {
        println!("signing with {kid} from now on; running servers follow within 30 s");
    }
    Ok(())
}
