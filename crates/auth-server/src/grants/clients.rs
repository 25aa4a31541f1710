//! Making, changing and deleting API clients.

use domain::identity::{
    ids::{ClientId, ProjectKey},
    scope::ScopeSet,
};
use serde_json::json;
use shared::{
    db::{DbError, WriteTx},
    random::{identifier, secret},
    token::audit::{self, About, Event},
};

use super::access_token::Mint;
use crate::{
    model::{
        client::{AccessTokenFormat, Client, ClientSecret},
        client_draft::{ClientDraft, delete_at},
        client_secret::SecretPepper,
        redirect_uri::RedirectUri,
    },
    store::{clients, families, session_locks, sessions},
};

/// Makes a client; answers it with its secret, which nobody can find out again. A public client has none.
///
/// # Errors
/// [`DbError`].
pub fn create(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    pepper: &SecretPepper,
    project: &ProjectKey,
    draft: ClientDraft,
) -> Result<(Client, Option<String>), DbError> {
    let now = mint.now();
    let randomness = mint.randomness.as_ref();
    let secret = (!draft.is_public).then(|| secret(randomness));
    let client = Client {
        // A leading `-` would be taken for an option on command lines.
        id: ClientId::new(identifier(randomness).replace('-', "_")),
        project: project.clone(),
        name: draft.name,
        is_public: draft.is_public,
        redirect_uris: draft.redirect_uris,
        scope: draft.scope,
        access_token_seconds: draft.access_token_seconds,
        refresh_token_seconds: draft.refresh_token_seconds,
        refresh_token_mode: draft.refresh_token_mode,
        access_token_format: draft.access_token_format,
        grace_seconds: draft.grace_seconds,
        allowed_origins: draft.allowed_origins,
        created_at: now,
        delete_at: delete_at(draft.delete_days, now),
        last_used_on: None,
        secrets: secret
            .iter()
            .map(|secret| ClientSecret {
                tag: pepper.tag(secret),
                created_at: now,
                expires_at: None,
            })
            .collect(),
    };
    clients::insert(tx, &client)?;
    record(tx, mint, Event::ClientCreated, &client)?;
    Ok((client, secret))
}

/// What is to become of a client; `None` is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientChange {
    /// Its name.
    pub name: Option<String>,
    /// Where it may have authorization codes sent to.
    pub redirect_uris: Option<Vec<RedirectUri>>,
    /// Pages of these origins only may use it, or any.
    pub allowed_origins: Option<Option<Vec<String>>>,
    /// What its access tokens look like.
    pub access_token_format: Option<AccessTokenFormat>,
    /// Life of its access tokens.
    pub access_token_seconds: Option<i64>,
    /// Life of its refresh tokens after their last use.
    pub refresh_token_seconds: Option<i64>,
    /// For so long a spent refresh token gets its successor again.
    pub grace_seconds: Option<i64>,
}

impl ClientChange {
    fn apply(self, client: &mut Client) {
        if let Some(name) = self.name {
            client.name = name;
        }
        if let Some(uris) = self.redirect_uris {
            client.redirect_uris = uris;
        }
        if let Some(origins) = self.allowed_origins {
            client.allowed_origins = origins;
        }
        if let Some(format) = self.access_token_format {
            client.access_token_format = format;
        }
        client.access_token_seconds = self.access_token_seconds.or(client.access_token_seconds);
        client.refresh_token_seconds = self.refresh_token_seconds.or(client.refresh_token_seconds);
        client.grace_seconds = self.grace_seconds.unwrap_or(client.grace_seconds);
    }
}

/// Changes a client; answers it as it is now, or `None` if there is none or its time is over. What it may do, and what has
/// been issued, stays.
///
/// # Errors
/// [`DbError`].
pub fn update(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    id: &ClientId,
    change: ClientChange,
) -> Result<Option<Client>, DbError> {
    if !clients::hold_alone(tx, id)? {
        return Ok(None);
    }
    let found = clients::find(tx, id)?.filter(|client| !client.is_expired(mint.now()));
    let Some(mut client) = found else {
        return Ok(None);
    };
    change.apply(&mut client);
    clients::update(tx, &client)?;
    record(tx, mint, Event::ClientUpdated, &client)?;
    Ok(Some(client))
}

/// Deletes a client of `project`; its sessions are revoked with it, its devices and what they handed on closed. Answers the client, or `None` if there is none.
///
/// # Errors
/// [`DbError`].
pub fn delete(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    project: &ProjectKey,
    id: &ClientId,
) -> Result<Option<Client>, DbError> {
    let found = clients::find(tx, id)?.filter(|client| client.project == *project);
    let Some(client) = found else { return Ok(None) };
    if !clients::delete(tx, id)? {
        return Ok(None);
    }
    session_locks::hold_of_client(tx, id)?;
    sessions::revoke_of_client(tx, id, mint.now())?;
    families::close_of_client(tx, id, mint.now())?;
    record(tx, mint, Event::ClientDeleted, &client)?;
    Ok(Some(client))
}

/// Writes down that `maker` made a client with scopes that it does not have itself.
///
/// # Errors
/// [`DbError`].
pub fn record_escalation(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    maker: &ClientId,
    surplus: &ScopeSet,
) -> Result<(), DbError> {
    let about = About {
        project: Some(&client.project),
        client: Some(&client.id),
        detail: json!({ "maker": maker, "scope": surplus.to_string() }),
        ..About::default()
    };
    let randomness = mint.randomness.as_ref();
    audit::record(tx, Event::ScopeEscalated, &about, mint.now(), randomness)
}

fn record(tx: &mut WriteTx<'_>, mint: &Mint, event: Event, client: &Client) -> Result<(), DbError> {
    let about = About {
        project: Some(&client.project),
        client: Some(&client.id),
        ..About::default()
    };
    audit::record(tx, event, &about, mint.now(), mint.randomness.as_ref())
}
