//! `token explain`.

use std::io::Read as _;

use clap::{Args, Subcommand};
use domain::timestamp::Timestamp;
use serde_json::json;
use shared::{
    clock::FrozenClock,
    config::database::DatabaseArgs,
    db::{Database, DbError},
    random::hex,
    token::{
        claims::AccessTokenClaims,
        verifier::{TokenError, TokenVerifier},
    },
};

use super::{mint, open_migrated};
use crate::grants::token_explanation::{
    Explanation, Shape, of_opaque_token, of_refresh_token, of_signed_token,
};

/// More than any token of ours.
const LONGEST: u64 = 16_384;

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Why a token is not active. Exit status 1 if it is not.
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// An access or refresh token; `-` reads it from standard input, where no other process sees it.
    token: String,
    /// The `iss` that tokens must have.
    #[arg(long, env = "AUTH_PUBLIC_URL", default_value = "http://127.0.0.1:8080")]
    public_url: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl TokenCommand {
    pub(super) fn run(self) -> Result<(), String> {
        match self {
            Self::Explain(arguments) => arguments.run(),
        }
    }
}

impl ExplainArgs {
    fn run(&self) -> Result<(), String> {
        let token = self.token()?;
        let database = open_migrated(&self.database)?;
        let about = self
            .explain(&database, &token)
            .map_err(|error| error.to_string())?;
        let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
        let mark = hex(digest.as_ref().get(..4).unwrap_or_default());
        self.print(&about, &mark);
        if about.reasons.is_empty() {
            Ok(())
        } else {
            Err(format!("token {mark} is not active"))
        }
    }

    fn token(&self) -> Result<String, String> {
        if self.token != "-" {
            return Ok(self.token.trim().to_owned());
        }
        let mut text = String::new();
        std::io::stdin()
            .take(LONGEST)
            .read_to_string(&mut text)
            .map_err(|error| format!("standard input: {error}"))?;
        Ok(text.trim().to_owned())
    }

    fn explain(&self, database: &Database, token: &str) -> Result<Explanation, DbError> {
        let (issuer, now) = (self.public_url.trim_end_matches('/'), mint().now());
        match Shape::of(token) {
            Shape::Refresh => database.read_blocking(|tx| of_refresh_token(tx, token, now)),
            Shape::Opaque => database.read_blocking(|tx| of_opaque_token(tx, token, issuer, now)),
            Shape::Signed(kid, claims) => {
                let about = database.read_blocking::<_, DbError>(|tx| {
                    of_signed_token(tx, kid.as_deref(), &claims, issuer, now)
                });
                check_signature(database, token, &claims, about?)
            }
        }
    }

    fn print(&self, about: &Explanation, mark: &str) {
        let is_active = about.reasons.is_empty();
        if self.json {
            let report = json!({ "sha256Prefix": mark, "active": is_active, "about": about });
            println!("{report:#}");
            return;
        }
        println!("{} {mark}…", about.kind);
        for (name, value) in [("client", &about.client), ("session", &about.session)] {
            if let Some(value) = value {
                println!("{name}: {value}");
            }
        }
        if let Some(at) = about.expires_at {
            println!("expires at: {at}");
        }
        if is_active {
            println!("It is active.");
        }
        for reason in &about.reasons {
            println!("- {reason}");
        }
    }
}

/// Whether the key it names has signed it: asked at the time at which it was new, by its own issuer, so that nothing but
/// the signature and the shape can be wrong.
fn check_signature(
    database: &Database,
    token: &str,
    claims: &AccessTokenClaims,
    mut about: Explanation,
) -> Result<Explanation, DbError> {
    let new_at = Timestamp::from_millis(0).plus_seconds(claims.iat);
    let verifier = TokenVerifier::new(
        database.clone(),
        FrozenClock::at(new_at),
        claims.iss.clone(),
    );
    match actix_web::rt::System::new().block_on(verifier.verify(token)) {
        Ok(_) => {}
        Err(TokenError::Db(error)) => return Err(error),
        Err(TokenError::Invalid) => about.reasons.push(
            "its signature does not fit: forged, damaged, or of a key that is not published any more"
                .to_owned(),
        ),
    }
    Ok(about)
}
