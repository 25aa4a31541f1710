//! Settings of the server, from flags and environment variables.

pub mod duration;
mod housekeeping;
pub mod listening;
mod scopes;
pub mod signing_keys;

use std::{net::SocketAddr, ops::RangeInclusive, str::FromStr};

use shared::{
    config::{
        Problems,
        database::{DatabaseArgs, DatabaseSettings},
        proofs::ProofArgs,
        switch,
        variables::variables_of,
    },
    secret::Secret,
    token::{keys::SigningAlgorithm, sealing::SealingKey},
};
use url::Url;

use crate::{
    app_state::{Behaviour, ExpUnit},
    jobs::Housekeeping,
    model::origin::origin,
    shop::ShoppingListMigration,
};
use duration::optional_seconds_within;
use housekeeping::HousekeepingArgs;
use listening::{Listening, ListeningArgs};
use scopes::ScopeArgs;
use signing_keys::SigningKeyArgs;

/// How settings of this server begin that no other program is likely to have.
const PREFIXES: [&str; 5] = [
    "AUTH_",
    "DPOP_",
    "KEY_ENCRYPTION_",
    "RATE_LIMIT",
    "SIGNING_",
];

/// Shortest and longest `SESSION_ABSOLUTE_LIFETIME`.
const SESSION_SECONDS: RangeInclusive<i64> = 3_600..=3_650 * 86_400;

/// The two secrets of an installation. They belong to the database: without them its clients and keys are worth nothing.
#[derive(Clone, Debug, clap::Args)]
pub struct SecretArgs {
    /// Seals private keys in the database: 64 hexadecimal digits (`openssl rand -hex 32`).
    #[arg(long, env = "KEY_ENCRYPTION_KEY", hide_env_values = true)]
    pub key_encryption_key: Option<String>,
    /// The KEY_ENCRYPTION_KEY before: opens what it sealed, until `keys reseal`.
    #[arg(long, env = "KEY_ENCRYPTION_KEY_PREVIOUS", hide_env_values = true)]
    pub key_encryption_key_previous: Option<String>,
    /// Keys the hashes of client secrets: 64 hexadecimal digits (`openssl rand -hex 32`).
    #[arg(long, env = "SECRET_PEPPER", hide_env_values = true)]
    pub secret_pepper: Option<String>,
}

impl SecretArgs {
    /// What seals private keys, or a note in `problems`.
    pub fn sealing_key(&self, problems: &mut Problems) -> Option<SealingKey> {
        let text = self.key_encryption_key.as_deref();
        let current = take_key(problems, "KEY_ENCRYPTION_KEY", text);
        let previous = match self.key_encryption_key_previous.as_deref() {
            None => None,
            text => Some(take_key(problems, "KEY_ENCRYPTION_KEY_PREVIOUS", text)?),
        };
        let sealing = SealingKey::new(current?.reveal()).and_then(|key| match &previous {
            Some(previous) => key.after(previous.reveal()),
            None => Ok(key),
        });
        problems.take("KEY_ENCRYPTION_KEY", sealing)
    }

    /// The pepper, or a note in `problems`.
    pub fn secret_pepper(&self, problems: &mut Problems) -> Option<Secret<[u8; 32]>> {
        take_key(problems, "SECRET_PEPPER", self.secret_pepper.as_deref())
    }
}

/// Notes environment variables that are misspelt settings, and warns of others that look like one.
pub fn note_unknown_variables(problems: &mut Problems) {
    problems.unknown_variables(&PREFIXES, &variables_of::<ServeArgs>());
}

fn take_key(problems: &mut Problems, name: &str, text: Option<&str>) -> Option<Secret<[u8; 32]>> {
    let key = text
        .ok_or_else(|| {
            "is required: 64 hexadecimal digits, such as `openssl rand -hex 32` prints".to_owned()
        })
        .and_then(Secret::from_str);
    problems.take(name, key)
}

/// Flags and environment variables of `serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    /// Address and port to listen on.
    #[arg(long, env = "AUTH_BIND", default_value = "127.0.0.1:8080")]
    bind: String,
    /// URL under which clients reach this server; the `iss` of all tokens. Both servers must have the same.
    #[arg(long, env = "AUTH_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
    /// Algorithm of new signing keys: `ES256` or `EdDSA`.
    #[arg(long, env = "SIGNING_ALGORITHM", default_value = "ES256")]
    signing_algorithm: String,
    /// Origins that browsers may call from, separated by commas; `*` is any.
    #[arg(long, env = "CORS_ORIGINS", default_value = "*")]
    cors_origins: String,
    #[command(flatten)]
    scopes: ScopeArgs,
    /// Unit of `exp` in introspection answers: `seconds` or `milliseconds`.
    #[arg(long, env = "INTROSPECTION_EXP_UNIT", default_value = "seconds")]
    introspection_exp_unit: String,
    /// Whether passwords and tokens are read from the query string: `on` or `off`.
    #[arg(long, env = "ACCEPT_SECRETS_IN_QUERY", default_value = "on")]
    accept_secrets_in_query: String,
    /// Longest life of a session, however often it is refreshed: `1h` to `3650d`, or `off`.
    #[arg(long, env = "SESSION_ABSOLUTE_LIFETIME", default_value = "off")]
    session_absolute_lifetime: String,
    /// Whether shopping lists of a guest who signs in here move to the customer: `manual` (the application moves them) or
    /// `automatic`. Both servers must have the same.
    #[arg(long, env = "SHOPPING_LIST_MIGRATION", default_value = "manual")]
    shopping_list_migration: String,
    #[command(flatten)]
    proofs: ProofArgs,
    #[command(flatten)]
    listening: ListeningArgs,
    #[command(flatten)]
    housekeeping: HousekeepingArgs,
    #[command(flatten)]
    signing_keys: SigningKeyArgs,
}

/// Settings of `serve`, checked.
#[derive(Debug)]
pub struct ServeSettings {
    /// The database.
    pub database: DatabaseSettings,
    /// Where to listen.
    pub bind: SocketAddr,
    /// The public URL without a trailing slash.
    pub issuer: String,
    /// Seals private keys.
    pub sealing_key: SealingKey,
    /// Keys the hashes of client secrets.
    pub secret_pepper: Secret<[u8; 32]>,
    /// For new signing keys.
    pub signing_algorithm: SigningAlgorithm,
    /// The operator's choices.
    pub behaviour: Behaviour,
    /// The admin listener, and how all end.
    pub listening: Listening,
    /// How long things are kept.
    pub housekeeping: Housekeeping,
}

impl ServeArgs {
    /// The secrets as given.
    #[must_use]
    pub const fn secrets(&self) -> &SecretArgs {
        &self.secrets
    }

    /// The settings.
    ///
    /// # Errors
    /// One text with a line for every problem.
    pub fn settings(&self) -> Result<ServeSettings, String> {
        let mut problems = Problems::default();
        note_unknown_variables(&mut problems);
        let settings = self.read(&mut problems);
        problems.finish()?;
        settings.ok_or_else(|| "the settings are incomplete".to_owned())
    }

    fn read(&self, problems: &mut Problems) -> Option<ServeSettings> {
        // Every setting is read before the first missing one ends it, so that all problems are reported.
        let database = self.database.settings(problems);
        let sealing_key = self.secrets.sealing_key(problems);
        let secret_pepper = self.secrets.secret_pepper(problems);
        let bind = problems.take(
            "AUTH_BIND",
            self.bind.parse::<SocketAddr>().map_err(|_not_one| {
                format!(
                    "must be an address and a port such as 0.0.0.0:8080, found `{}`",
                    self.bind
                )
            }),
        );
        let issuer = problems.take("AUTH_PUBLIC_URL", public_url(&self.public_url));
        let signing_algorithm = problems.take(
            "SIGNING_ALGORITHM",
            SigningAlgorithm::parse(&self.signing_algorithm)
                .filter(|algorithm| *algorithm != SigningAlgorithm::Rs256)
                .ok_or_else(|| {
                    format!(
                        "must be `ES256` or `EdDSA`, found `{}`",
                        self.signing_algorithm
                    )
                }),
        );
        let behaviour = self.behaviour(problems);
        let listening = self.listening.listening(problems);
        let housekeeping = self.housekeeping.read(problems);
        Some(ServeSettings {
            database: database?,
            bind: bind?,
            issuer: issuer?,
            sealing_key: sealing_key?,
            secret_pepper: secret_pepper?,
            signing_algorithm: signing_algorithm?,
            behaviour: behaviour?,
            listening: listening?,
            housekeeping: housekeeping?,
        })
    }

    fn behaviour(&self, problems: &mut Problems) -> Option<Behaviour> {
        let key_times = self.signing_keys.read(problems);
        let scopes = self.scopes.read(problems);
        let introspection_exp_unit = problems.take(
            "INTROSPECTION_EXP_UNIT",
            match self.introspection_exp_unit.as_str() {
                "seconds" => Ok(ExpUnit::Seconds),
                "milliseconds" => Ok(ExpUnit::Milliseconds),
                other => Err(format!(
                    "must be `seconds` or `milliseconds`, found `{other}`"
                )),
            },
        );
        let accept_secrets_in_query = problems.take(
            "ACCEPT_SECRETS_IN_QUERY",
            switch(&self.accept_secrets_in_query),
        );
        let allowed_origins = problems.take("CORS_ORIGINS", origins(&self.cors_origins));
        let longest_session_seconds = problems.take(
            "SESSION_ABSOLUTE_LIFETIME",
            optional_seconds_within(
                &self.session_absolute_lifetime,
                SESSION_SECONDS,
                "1h to 3650d",
            ),
        );
        let issuer = self.public_url.trim_end_matches('/');
        let proofs = self.proofs.of_auth_server(problems, issuer);
        let shopping_lists = problems.take(
            "SHOPPING_LIST_MIGRATION",
            ShoppingListMigration::parse(&self.shopping_list_migration),
        );
        let network = self.listening.network(problems);
        let limits = self.listening.limits(problems);
        Some(Behaviour {
            narrowing: scopes?.narrowing,
            device_scopes: scopes?.devices,
            forbid_scope_escalation: scopes?.forbid_escalation,
            introspection_exp_unit: introspection_exp_unit?,
            accept_secrets_in_query: accept_secrets_in_query?,
            allowed_origins: allowed_origins?,
            key_times: key_times?,
            longest_session_seconds: longest_session_seconds?,
            proofs: proofs?,
            network: network?,
            limits: limits?,
            shopping_lists: shopping_lists?,
        })
    }
}

/// RFC 8414: the issuer has neither query nor fragment. A trailing slash is dropped, because paths are appended.
fn public_url(text: &str) -> Result<String, String> {
    let url =
        Url::parse(text).map_err(|error| format!("must be a URL, found `{text}`: {error}"))?;
    if !matches!(url.scheme(), "http" | "https")
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(format!(
            "must be an http or https URL without query and fragment, found `{text}`"
        ));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn origins(text: &str) -> Result<Option<Vec<String>>, String> {
    if text.trim() == "*" {
        return Ok(None);
    }
    let origins = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    origins.map(origin).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        serve: ServeArgs,
    }

    fn settings(arguments: &[&str]) -> Result<ServeSettings, String> {
        let words = std::iter::once("serve").chain(arguments.iter().copied());
        Command::parse_from(words).serve.settings()
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let problems = settings(&[
            "--database-url",
            "mysql://x",
            "--key-encryption-key",
            "ff",
            "--secret-pepper",
            &"0".repeat(64),
            "--bind",
            "here",
            "--public-url",
            "ftp://x",
            "--cors-origins",
            "https://shop.example/path",
        ])
        .expect_err("problems");
        let names: Vec<&str> = problems
            .lines()
            .filter_map(|line| line.split(':').next())
            .collect();
        assert_eq!(
            names,
            [
                "DATABASE_URL",
                "KEY_ENCRYPTION_KEY",
                "AUTH_BIND",
                "AUTH_PUBLIC_URL",
                "CORS_ORIGINS"
            ]
        );
    }

    #[test]
    fn the_issuer_has_no_trailing_slash() {
        assert_eq!(
            public_url("https://auth.shop.example/"),
            Ok("https://auth.shop.example".to_owned())
        );
    }
}
