//! Handing a guest's session over to another device: a one-time code on the one, tokens of its own on the other.
//!
//! Which device may do what, and what happens to which when one is closed, is said in `model::handoff`.

use domain::identity::{ids::FamilyId, scope::ScopeName};
use serde_json::json;
use shared::{
    db::WriteTx,
    random::{fingerprint, secret, uuid_v7},
    token::audit::{self, Event},
};

use super::{
    GrantError,
    access_token::{Bearer, Mint, NewAccessToken},
    guest_token::{GuestToken, Named},
    revocation,
};
use crate::{
    model::{
        client::Client,
        error::OAuthError,
        handoff::{self, CODE_SECONDS, MOST_DEVICES},
        session::{EndReason, Session, idle_deadline},
    },
    store::{
        clients, families,
        handoff_codes::{self, StoredCode},
        sessions,
    },
};

/// A limit that may refuse a session.
pub type Admit<'a> = &'a dyn Fn(&Session) -> Result<(), OAuthError>;

/// Makes a code for the guest's session, if `admit` lets it. A token that is bound to a key names the guest together with
/// that key only.
///
/// # Errors
/// [`OAuthError::GuestTokenNotFound`].
pub fn start(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    guest: &GuestToken,
    key_thumbprint: Option<&str>,
    admit: Admit<'_>,
) -> Result<String, GrantError> {
    let now = mint.now();
    let guest = match guest.look(tx, client, key_thumbprint, now)? {
        Named::Guest(guest) if guest.session.is_refreshable(now) => guest,
        Named::Guest(_) | Named::Became(_) | Named::Nobody => {
            return Err(OAuthError::GuestTokenNotFound.into());
        }
    };
    admit(&guest.session)?;
    let code = secret(mint.randomness.as_ref());
    let stored = StoredCode {
        session_id: guest.session.id.clone(),
        family: guest.session.family.clone(),
        scope: guest.scope,
        expires_at: now.plus_seconds(CODE_SECONDS),
        redeemed_by: None,
    };
    handoff_codes::insert(tx, &fingerprint(&code), &stored)?;
    record(tx, mint, Event::HandoffStarted, &guest.session)?;
    Ok(code)
}

/// A code that another device shows.
pub struct Redemption<'a> {
    /// The code.
    pub code: &'a str,
    /// `scope`, unless left out.
    pub scope: Option<&'a str>,
    /// Unless `refresh_token=false`.
    pub with_refresh_token: bool,
    /// Thumbprint of the key that the new device showed: it has tokens of its own, and a key of its own.
    pub key_thumbprint: Option<&'a str>,
}

/// What came of a code.
pub enum Redeemed {
    /// Tokens of the same session, for the new device.
    Tokens {
        /// For the API.
        access_token: Box<NewAccessToken>,
        /// For the next refresh.
        refresh_token: Option<String>,
    },
    /// Refused, and the device that came of the code is closed: that must be committed.
    Replayed,
}

/// Redeems a code: the device of `client` joins the session.
///
/// A code that was used before is in two hands: what came of it is closed (RFC 6749 section 4.1.2). The device that made
/// it goes on, so the guest keeps the cart.
///
/// # Errors
/// [`OAuthError::InsufficientScope`], [`OAuthError::HandoffCodeNotFound`], what [`handoff::scope`] refuses; the code can
/// still be used then. [`GrantError::Overtaken`] if the transaction must be rolled back and tried again.
pub fn redeem(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    asked: &Redemption<'_>,
    admit: Admit<'_>,
) -> Result<Redeemed, GrantError> {
    if !client
        .scope
        .allows(ScopeName::CreateAnonymousToken, &client.project, None)
    {
        return Err(OAuthError::InsufficientScope {
            names: vec![ScopeName::CreateAnonymousToken.as_str()],
        }
        .into());
    }
    let now = mint.now();
    let hash = fingerprint(asked.code);
    // Before any session is locked, as deleting a client does it: its devices are closed with it.
    if !clients::hold(tx, &client.id)? {
        return Err(OAuthError::InvalidClient.into());
    }
    let code = handoff_codes::find(tx, &hash)?.ok_or(OAuthError::HandoffCodeNotFound)?;
    if let Some(device) = &code.redeemed_by {
        return replayed(tx, mint, client, &code, device);
    }
    let session = sessions::find_on(tx, &code.session_id, code.family.as_ref())?
        .filter(|session| session.project == client.project && session.is_refreshable(now))
        .filter(|_| now < code.expires_at)
        .ok_or(OAuthError::HandoffCodeNotFound)?;
    admit(&session)?;
    let scope = handoff::scope(&code.scope, &client.scope, asked.scope)?;
    let device = FamilyId::new(uuid_v7(now, mint.randomness.as_ref()));
    let joined = Session {
        client_id: client.id.clone(),
        scope,
        idle_expires_at: idle_deadline(
            now,
            client.refresh_token_lifetime_seconds(),
            session.absolute_expires_at,
        ),
        key_thumbprint: asked.key_thumbprint.map(str::to_owned),
        family: Some(device.clone()),
        ..session
    };
    // Takes hold of the session: nobody else joins or ends it meanwhile.
    if !sessions::touch(tx, &joined.id, Some(&device), now, joined.idle_expires_at)?
        || !handoff_codes::redeem(tx, &hash, &device)?
    {
        return Err(GrantError::Overtaken);
    }
    // The device that hands over may have been closed since it was looked at; from here on nobody can close it.
    if let Some(parent) = &code.family
        && families::find_open(tx, &joined.id, parent)?.is_none()
    {
        return Err(OAuthError::HandoffCodeNotFound.into());
    }
    families::close_unused(tx, &joined.id, code.family.as_ref(), MOST_DEVICES - 2, now)?;
    join(
        tx,
        mint,
        client,
        &joined,
        code.family.as_ref(),
        asked.with_refresh_token,
    )
}

/// Stores the device of `joined`, with its tokens.
fn join(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    joined: &Session,
    parent: Option<&FamilyId>,
    with_refresh_token: bool,
) -> Result<Redeemed, GrantError> {
    let now = mint.now();
    let refresh_token = with_refresh_token
        .then(|| format!("{}:{}", client.project, secret(mint.randomness.as_ref())));
    let hash = refresh_token.as_deref().map(fingerprint);
    families::insert(tx, joined, parent, hash.as_deref(), now)?;
    let access_token = mint.access_token(client, Bearer::of(joined, &joined.scope), now)?;
    access_token.store(tx)?;
    record(tx, mint, Event::SessionHandedOver, joined)?;
    Ok(Redeemed::Tokens {
        access_token: Box::new(access_token),
        refresh_token,
    })
}

fn replayed(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    code: &StoredCode,
    device: &FamilyId,
) -> Result<Redeemed, GrantError> {
    // Whoever has the code of another project's guest is no holder of it: nothing happens.
    let session = sessions::find_on(tx, &code.session_id, Some(device))?
        .filter(|session| session.project == client.project)
        .ok_or(OAuthError::HandoffCodeNotFound)?;
    log::warn!(
        "session {}: a used handoff code was presented again; what came of it is closed",
        session.id
    );
    revocation::close(tx, mint, &session, EndReason::Reuse)?;
    record(tx, mint, Event::ReuseDetected, &session)?;
    Ok(Redeemed::Replayed)
}

fn record(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    event: Event,
    session: &Session,
) -> Result<(), GrantError> {
    let about = revocation::about(session, json!({}));
    audit::record(tx, event, &about, mint.now(), mint.randomness.as_ref())?;
    Ok(())
}
