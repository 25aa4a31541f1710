//! `keys list | rotate | import | revoke`.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use domain::timestamp::Timestamp;
use serde_json::{Value, json};
use shared::{
    config::{Problems, database::DatabaseArgs},
    db::{DbError, WriteTx},
    token::{
        key_life::{KeyChange, KeyKeeper, KeyLifeError, KeyTimes},
        key_records::{self, KeyState},
        keys::SigningAlgorithm,
    },
};

use super::{key, mint, open_migrated};
use crate::{
    grants::signing_keys::{self, Changer},
    settings::{SecretArgs, signing_keys::SigningKeyArgs},
};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// List all keys, oldest first.
    List(ListArgs),
    /// Publish a new key. It signs after SIGNING_KEY_LEAD, or at once where none can; the old one stays published for the
    /// tokens it signed.
    Rotate(RotateArgs),
    /// Publish an RSA key for RS256; then as `rotate`. It is not replaced until you do.
    Import(ImportArgs),
    /// Take a key back at once, because somebody else has it: no token that it signed is good any more. Sessions live on;
    /// their clients refresh.
    Revoke(RevokeArgs),
    /// Seal all private keys with KEY_ENCRYPTION_KEY, also those that KEY_ENCRYPTION_KEY_PREVIOUS sealed.
    Reseal(ChangeArgs),
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
pub(super) struct ChangeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    times: SigningKeyArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// `ES256` or `EdDSA`.
    #[arg(long, env = "SIGNING_ALGORITHM", default_value = "ES256")]
    algorithm: String,
    /// Let the pending key sign now, or a new one where none is pending. Verifiers elsewhere may not know it yet.
    #[arg(long)]
    now: bool,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// A PEM file with an RSA private key (PKCS#8, 2048 to 4096 bits).
    #[arg(long)]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// Id of the key, as `keys list` shows it.
    #[arg(long)]
    kid: String,
    /// `ES256` or `EdDSA`: of the key that takes its place.
    #[arg(long, env = "SIGNING_ALGORITHM", default_value = "ES256")]
    algorithm: String,
}

impl KeysCommand {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::List(arguments) => list(&arguments),
            Self::Rotate(arguments) => rotate(&arguments),
            Self::Import(arguments) => import(&arguments),
            Self::Revoke(arguments) => revoke(&arguments),
            Self::Reseal(arguments) => arguments.reseal(),
        }
    }
}

fn list(arguments: &ListArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let found = database
        .read_blocking::<_, DbError>(key_records::all)
        .map_err(|error| error.to_string())?;
    if arguments.json {
        let all: Vec<Value> = found
            .into_iter()
            .map(|key| {
                json!({
                    "kid": key.kid,
                    "algorithm": key.algorithm,
                    "state": key.state.as_str(),
                    "createdAt": key.created_at,
                    "activatedAt": key.activated_at,
                    "retiredAt": key.retired_at,
                    "jwk": key.jwk,
                })
            })
            .collect();
        println!("{:#}", Value::Array(all));
        return Ok(());
    }
    for key in found {
        let since = match key.state {
            KeyState::Pending => Some(key.created_at),
            KeyState::Active => key.activated_at,
            KeyState::Retired | KeyState::Removed => key.retired_at,
        };
        let since = since.unwrap_or(key.created_at);
        println!(
            "{}\t{}\t{} since {since}",
            key.kid,
            key.algorithm,
            key.state.as_str()
        );
    }
    Ok(())
}

fn rotate(arguments: &RotateArgs) -> Result<(), String> {
    let algorithm = generated(&arguments.algorithm)?;
    arguments.change.run(algorithm, None, |keeper, tx, now| {
        if arguments.now {
            Ok(keeper.rotate_now(tx, algorithm, now)?)
        } else {
            keeper.rotate(tx, algorithm, now)
        }
    })
}

fn import(arguments: &ImportArgs) -> Result<(), String> {
    let file = &arguments.file;
    let pem = std::fs::read_to_string(file)
        .map_err(|error| format!("--file {}: {error}", file.display()))?;
    arguments
        .change
        .run(SigningAlgorithm::Rs256, None, |keeper, tx, now| {
            keeper.import(tx, &pem, now)
        })
        .map_err(|problem| format!("--file {}: {problem}", file.display()))
}

fn revoke(arguments: &RevokeArgs) -> Result<(), String> {
    let algorithm = generated(&arguments.algorithm)?;
    let kid = arguments.kid.as_str();
    arguments
        .change
        .run(algorithm, Some(kid), |keeper, tx, now| {
            Ok(keeper.revoke(tx, kid, now)?)
        })
}

fn generated(text: &str) -> Result<SigningAlgorithm, String> {
    match SigningAlgorithm::parse(text) {
        Some(algorithm @ (SigningAlgorithm::Es256 | SigningAlgorithm::EdDsa)) => Ok(algorithm),
        Some(SigningAlgorithm::Rs256) => Err(
            "--algorithm RS256: such keys cannot be made here; make one with `openssl genpkey -algorithm RSA -pkeyopt \
             rsa_keygen_bits:2048 -out key.pem` and `auth-server keys import --file key.pem`"
                .to_owned(),
        ),
        None => Err(format!("--algorithm must be ES256 or EdDSA, found `{text}`")),
    }
}

impl ChangeArgs {
    fn run(
        &self,
        algorithm: SigningAlgorithm,
        revoked: Option<&str>,
        change: impl FnOnce(
            &KeyKeeper,
            &mut WriteTx<'_>,
            Timestamp,
        ) -> Result<Vec<KeyChange>, KeyLifeError>,
    ) -> Result<(), String> {
        let keeper = self.keeper(algorithm)?;
        let database = open_migrated(&self.database)?;
        let now = mint().now();
        let changes = database
            .write_blocking::<_, KeyLifeError>(|tx| {
                let changes = change(&keeper, tx, now)?;
                let changer = Changer::Operator { revoked };
                signing_keys::record(tx, &changes, changer, now, keeper.randomness.as_ref())?;
                Ok(changes)
            })
            .map_err(|error| explain(&error))?;
        if changes.is_empty() {
            return Err("there is no such key, or it was removed before".to_owned());
        }
        print(&changes, &keeper.times, self.json);
        Ok(())
    }

    fn reseal(&self) -> Result<(), String> {
        let keeper = self.keeper(SigningAlgorithm::Es256)?;
        let count = open_migrated(&self.database)?
            .write_blocking(|tx| keeper.reseal(tx))
            .map_err(|error| error.to_string())?;
        if self.json {
            println!("{:#}", json!({ "resealed": count }));
        } else {
            println!("{count} private keys are sealed with KEY_ENCRYPTION_KEY");
        }
        Ok(())
    }

    fn keeper(&self, algorithm: SigningAlgorithm) -> Result<KeyKeeper, String> {
        let mut problems = Problems::default();
        let times = self.times.read(&mut problems);
        problems.finish()?;
        Ok(KeyKeeper {
            seal: Arc::new(key(&self.secrets, SecretArgs::sealing_key)?),
            algorithm,
            times: times.unwrap_or_default(),
            randomness: mint().randomness,
        })
    }
}

fn explain(error: &KeyLifeError) -> String {
    match error {
        KeyLifeError::Pending { kid } => format!(
            "key {kid} is pending already; `auth-server keys rotate --now` lets it sign at once"
        ),
        KeyLifeError::Import(_) | KeyLifeError::Key(_) => error.to_string(),
    }
}

fn print(changes: &[KeyChange], times: &KeyTimes, as_json: bool) {
    if as_json {
        let changes: Vec<Value> = changes
            .iter()
            .map(|change| json!({ "kid": change.kid, "state": change.state.as_str() }))
            .collect();
        let kid = changes.first().map(|change| &change["kid"]);
        println!("{:#}", json!({ "kid": kid, "changes": changes }));
        return;
    }
    for change in changes {
        let kid = &change.kid;
        match change.state {
            KeyState::Pending => {
                println!(
                    "{kid} is published and signs in {} hours",
                    times.pending / 3_600
                );
            }
            KeyState::Active => {
                println!("{kid} signs from now on; running servers follow within 5 s")
            }
            KeyState::Retired => {
                println!("{kid} signs no longer; it stays published for its tokens")
            }
            KeyState::Removed => {
                println!("{kid} is removed; running servers refuse its tokens within 30 s");
            }
        }
    }
}
