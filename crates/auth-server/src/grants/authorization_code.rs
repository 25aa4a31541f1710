//! Authorization codes: made for a customer who is signed in, exchanged once for a session of another client.

use domain::identity::{
    ids::SessionId,
    principal::{Principal, Subject},
    scope::{DeviceScopes, Holder, Narrowing},
};
use serde_json::{Value, json};
use shared::{
    db::{DbError, ReadTx, WriteTx},
    random::{fingerprint, secret},
    token::audit::{self, About, Event},
};

use super::{
    GrantError,
    access_token::{Mint, NewAccessToken},
    session_start::{SessionStart, StartedSession},
};
use crate::{
    model::{
        authorization_code::{AuthorizationCode, CODE_SECONDS, Destination},
        client::Client,
        error::OAuthError,
        session::EndReason,
    },
    oxide::{self, AuthorizationRequest, ClientRegistrar, CodeRequest, ScopePolicy},
    store::{authorization_codes, clients, sessions},
};

/// A request for a code, as far as the client and its destination do not say it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// `response_type`, unless left out.
    pub response_type: Option<&'a str>,
    /// `scope`, unless left out.
    pub scope: Option<&'a str>,
    /// `code_challenge`, unless left out.
    pub code_challenge: Option<&'a str>,
    /// `code_challenge_method`, unless left out.
    pub code_challenge_method: Option<&'a str>,
    /// `dpop_jkt`, unless left out.
    pub key_thumbprint: Option<&'a str>,
    /// How requested scopes are compared with the client's.
    pub narrowing: Narrowing,
    /// Which scopes a device may have.
    pub devices: DeviceScopes,
}

/// A code that is about to be stored.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// The code itself.
    pub text: String,
    /// What it stands for.
    pub code: AuthorizationCode,
}

/// Who would let a client in.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// As the access token says.
    pub principal: &'a Principal,
    /// Whether [`is_signed_in`].
    pub is_signed_in: bool,
}

/// Whether the session of an access token may let others in: somebody signed in for it, at a client that keeps a secret.
/// Otherwise a token found on a device would become a session, that one another one, and so on without an end.
///
/// # Errors
/// [`DbError`].
pub fn is_signed_in(tx: &mut ReadTx<'_>, principal: &Principal) -> Result<bool, DbError> {
    match &principal.session {
        Some(session) => authorization_codes::may_be_allowed_by(tx, session),
        None => Ok(false),
    }
}

/// A code for `client`, allowed by the customer that `owner` is: to do what both the client and the customer's own token may
/// do, at most.
///
/// # Errors
/// [`OAuthError`]: the owner is no customer or did not sign in, or the request is refused.
pub fn prepare(
    mint: &Mint,
    client: &Client,
    destination: Destination,
    owner: Owner<'_>,
    asked: &Asked<'_>,
) -> Result<NewCode, OAuthError> {
    let Owner {
        principal: owner,
        is_signed_in,
    } = owner;
    let (Subject::Customer(customer), Some(session)) = (&owner.subject, &owner.session) else {
        return Err(OAuthError::CustomerRequired);
    };
    if !is_signed_in {
        return Err(OAuthError::CustomerRequired);
    }
    let request = AuthorizationRequest {
        client_id: &client.id,
        redirect_uri: &destination.uri,
        response_type: asked.response_type,
        scope: asked.scope,
        code_challenge: asked.code_challenge,
        code_challenge_method: asked.code_challenge_method,
    };
    let policy = ScopePolicy {
        holder: Holder::Device(asked.devices),
        narrowing: asked.narrowing,
        store: None,
    };
    let registrar = ClientRegistrar::new(client, policy).within(&owner.scopes);
    let scope = oxide::authorize(&request, &registrar)?;
    let key_thumbprint = asked.key_thumbprint.map(checked_thumbprint).transpose()?;
    let now = mint.now();
    let text = secret(mint.randomness.as_ref());
    Ok(NewCode {
        code: AuthorizationCode {
            hash: fingerprint(&text),
            client_id: client.id.clone(),
            destination,
            challenge: asked.code_challenge.unwrap_or_default().to_owned(),
            customer: customer.clone(),
            scope,
            store: owner.store.clone(),
            authorized_by: session.clone(),
            key_thumbprint,
            created_at: now,
            expires_at: now.plus_seconds(CODE_SECONDS),
            is_used: false,
            session_id: None,
        },
        text,
    })
}

/// RFC 9449 section 10: the SHA-256 of a key, 43 characters of base64url.
fn checked_thumbprint(text: &str) -> Result<String, OAuthError> {
    let is_shaped = text.len() == 43
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !is_shaped {
        return Err(OAuthError::MalformedRequest {
            message: "Malformed parameter: dpop_jkt: It must have 43 characters of base64url.",
        });
    }
    Ok(text.to_owned())
}

/// A token request with a code.
#[derive(Clone, Debug)]
pub struct Presented {
    /// `code`.
    pub code: String,
    /// `redirect_uri`, unless left out.
    pub redirect_uri: Option<String>,
    /// `code_verifier`.
    pub verifier: String,
    /// Unless `refresh_token=false`.
    pub with_refresh_token: bool,
    /// Thumbprint of the key that the client showed, to which the session is bound.
    pub key_thumbprint: Option<String>,
}

/// What came of a code. All of it must be committed.
pub enum Exchanged {
    /// A session.
    Started {
        /// For the API.
        access_token: Box<NewAccessToken>,
        /// For the next one.
        refresh_token: Option<String>,
    },
    /// Nothing. The code, if it is one, is used up: whoever has it without all that belongs to it has it from somebody else.
    Refused,
    /// Nothing, and the session that had come of it was revoked.
    Reused,
}

/// Whether there is such a code, used or not. Asked before anything is written: strangers who guess take no turn of those
/// who write.
///
/// # Errors
/// [`DbError`].
pub fn is_known(tx: &mut ReadTx<'_>, code: &str) -> Result<bool, DbError> {
    Ok(authorization_codes::find(tx, &fingerprint(code))?.is_some())
}

/// Exchanges a code for a session of the customer.
///
/// Whatever comes of it, a code is used up by the first request that shows it. A second one revokes the session that came
/// of the first (RFC 6749 section 4.1.2): two parties have the code, and which of them is the client cannot be known. A
/// client that sent its request twice by mistake asks the customer's own session for another code.
///
/// # Errors
/// [`OAuthError::InvalidClient`] if the client was deleted meanwhile or is about to vanish, or a failure of ours.
pub fn exchange(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    presented: &Presented,
) -> Result<Exchanged, GrantError> {
    let hash = fingerprint(&presented.code);
    let Some(code) = authorization_codes::find(tx, &hash)? else {
        return Ok(Exchanged::Refused);
    };
    // Before any session is locked, as deleting a client does it.
    if !clients::hold(tx, &client.id)? {
        return Err(OAuthError::InvalidClient.into());
    }
    // The session before anything else of the customer's; held, because what ends all sessions of a customer must find the new one, too.
    let is_live = sessions::hold(tx, &code.authorized_by)?;
    let now = mint.now();
    let owner = sessions::find(tx, &code.authorized_by)?.filter(|owner| {
        // Access tokens may outlive the longest life of their session; what they allow must not.
        is_live && owner.absolute_expires_at.is_none_or(|end| now < end)
    });
    if !authorization_codes::spend(tx, &hash, now)? {
        return reused(tx, mint, client, &hash);
    }
    let Some(owner) = owner else {
        return Ok(Exchanged::Refused);
    };
    if code.is_expired(now) || check(client, presented, &code).is_err() {
        return Ok(Exchanged::Refused);
    }
    let customer = code.customer;
    let start = SessionStart {
        subject: Subject::Customer(customer.clone()),
        scopes: code.scope,
        store: code.store,
        with_refresh_token: presented.with_refresh_token,
        key_thumbprint: presented.key_thumbprint.clone(),
    };
    let session = StartedSession::new(mint, client, start)?.authorized_by(&owner);
    let id = session.id().clone();
    let (access_token, refresh_token) = session.store(tx)?;
    authorization_codes::note_session(tx, &hash, &id)?;
    let detail = json!({ "customer": customer, "authorizedBy": code.authorized_by });
    record(tx, mint, client, Event::LoginSucceeded, &id, detail)?;
    Ok(Exchanged::Started {
        access_token: Box::new(access_token),
        refresh_token,
    })
}

fn check(
    client: &Client,
    presented: &Presented,
    code: &AuthorizationCode,
) -> Result<(), OAuthError> {
    if !code.went_to(presented.redirect_uri.as_deref()) {
        return Err(OAuthError::AuthorizationCodeNotFound);
    }
    let key = code.key_thumbprint.as_ref();
    if key.is_some() && key != presented.key_thumbprint.as_ref() {
        return Err(OAuthError::AuthorizationCodeNotFound);
    }
    let request = CodeRequest {
        client_id: &client.id,
        code: &presented.code,
        redirect_uri: &code.destination.uri,
        verifier: &presented.verifier,
    };
    let policy = ScopePolicy {
        holder: Holder::Device(DeviceScopes::Any),
        narrowing: Narrowing::Implied,
        store: None,
    };
    oxide::exchange(&request, &ClientRegistrar::new(client, policy), code)
}

fn reused(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    hash: &str,
) -> Result<Exchanged, GrantError> {
    // Read again: a parallel request may have noted its session since.
    let session = authorization_codes::find(tx, hash)?.and_then(|code| code.session_id);
    match session {
        Some(session) if revoke(tx, mint, client, &session)? => Ok(Exchanged::Reused),
        Some(_) | None => Ok(Exchanged::Refused),
    }
}

fn revoke(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    session: &SessionId,
) -> Result<bool, DbError> {
    if !sessions::revoke(tx, session, EndReason::Reuse, mint.now())? {
        return Ok(false);
    }
    log::warn!("session {session}: its authorization code was presented again; it is revoked");
    let detail = json!({ "reused": "authorization code" });
    record(tx, mint, client, Event::ReuseDetected, session, detail)?;
    Ok(true)
}

fn record(
    tx: &mut WriteTx<'_>,
    mint: &Mint,
    client: &Client,
    event: Event,
    session: &SessionId,
    detail: Value,
) -> Result<(), DbError> {
    let about = About {
        project: Some(&client.project),
        session: Some(session),
        client: Some(&client.id),
        detail,
    };
    audit::record(tx, event, &about, mint.now(), mint.randomness.as_ref())
}
