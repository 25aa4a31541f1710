//! `client show | rotate-secret | adopt-pepper`.

use clap::Args;
use domain::{identity::ids::ClientId, timestamp::Timestamp};
use serde_json::{Value, json};
use shared::{config::database::DatabaseArgs, db::DbError};

use super::{key, mint, open_migrated, pepper};
use crate::{
    grants::{client_secrets as administration, pepper as known_pepper},
    model::{
        client::{Client, ClientSecret},
        client_draft::to_json,
        client_secret::SecretPepper,
        secret_rotation::OldSecrets,
    },
    settings::{SecretArgs, duration::seconds_within},
    store::clients,
};

/// Longest time that an old secret stays good: a year.
const LONGEST: i64 = 365 * 86_400;

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Id of the client.
    id: String,
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
    /// Id of the client.
    id: String,
    /// How long the secret it has stays good: `0s` to `365d`. `0s` ends every old secret at once.
    #[arg(long, default_value = "7d")]
    expire_old: String,
    /// A client has at most two secrets: end the older one at once to make room.
    #[arg(long)]
    retire_oldest: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    secrets: SecretArgs,
}

pub(super) fn show(arguments: &ShowArgs) -> Result<(), String> {
    let database = open_migrated(&arguments.database)?;
    let id = ClientId::new(&arguments.id);
    let client = database
        .read_blocking::<_, DbError>(|tx| clients::find(tx, &id))
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("there is no API client `{id}`"))?;
    let now = mint().now();
    if arguments.json {
        println!("{:#}", with_secrets(&client, now));
    } else {
        println!(
            "client_id: {id}\nproject:   {}\nname:      {}\nscope:     {}\nsecrets:   {}",
            client.project,
            client.name,
            client.scope,
            summary(&client, now)
        );
    }
    Ok(())
}

pub(super) fn rotate(arguments: &RotateArgs) -> Result<(), String> {
    let good_for_seconds = seconds_within(&arguments.expire_old, 0..=LONGEST, "0s to 365d")
        .map_err(|problem| format!("--expire-old: {problem}"))?;
    let old = OldSecrets {
        good_for_seconds,
        retire_oldest: arguments.retire_oldest,
    };
    let database = open_migrated(&arguments.database)?;
    let pepper = pepper(&database, &arguments.secrets)?;
    let (id, mint) = (ClientId::new(&arguments.id), mint());
    let (client, secret) = database
        .write_blocking(|tx| administration::rotate(tx, &mint, &pepper, &id, old))
        .map_err(|error| refusal(&error))?;
    let now = mint.now();
    if arguments.json {
        let mut body = with_secrets(&client, now);
        if let Some(members) = body.as_object_mut() {
            members.insert("secret".to_owned(), json!(secret));
        }
        println!("{body:#}");
    } else {
        println!(
            "client_id:     {id}\nclient_secret: {secret}\nsecrets:       {}\nThe secret is not shown again.",
            summary(&client, now)
        );
    }
    Ok(())
}

pub(super) fn adopt_pepper(arguments: &AdoptArgs) -> Result<(), String> {
    let taken = SecretPepper::new(&key(&arguments.secrets, SecretArgs::secret_pepper)?);
    let database = open_migrated(&arguments.database)?;
    database
        .write_blocking::<_, DbError>(|tx| known_pepper::adopt(tx, &taken))
        .map_err(|error| error.to_string())?;
    println!(
        "SECRET_PEPPER is this database's from now on; secrets made with another one are refused"
    );
    Ok(())
}

fn refusal(error: &administration::RotationError) -> String {
    match error {
        administration::RotationError::TooMany { .. } => {
            format!("{error}; `--retire-oldest` ends the older one at once, `--expire-old 0s` both")
        }
        administration::RotationError::NoClient(_)
        | administration::RotationError::Public(_)
        | administration::RotationError::Db(_) => error.to_string(),
    }
}

/// The client as the API shows it, and when its secrets were made and end; never the secrets.
pub(super) fn with_secrets(client: &Client, now: Timestamp) -> Value {
    let mut body = to_json(client, None);
    let secret = |one: &ClientSecret| match one.expires_at {
        Some(end) => json!({ "createdAt": one.created_at, "expiresAt": end }),
        None => json!({ "createdAt": one.created_at }),
    };
    let good = client.secrets.iter().filter(|one| one.is_good(now));
    if let Some(members) = body.as_object_mut() {
        members.insert("secrets".to_owned(), good.map(secret).collect());
    }
    body
}

/// How many secrets a client has, and until when: `2, one until 2026-02-07T09:15:00.000Z`.
pub(super) fn summary(client: &Client, now: Timestamp) -> String {
    let good = || client.secrets.iter().filter(|one| one.is_good(now));
    let mut text = good().count().to_string();
    for end in good().filter_map(|one| one.expires_at) {
        text.push_str(&format!(", one until {end}"));
    }
    text
}
