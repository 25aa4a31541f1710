//! What a token means, for who may know (RFC 7662).

use domain::{
    identity::{
        principal::{Principal, Subject},
        scope::ScopeName,
    },
    timestamp::Timestamp,
};
use serde::Serialize;
use shared::{
    db::{DbError, ReadTx},
    random::fingerprint,
    token::{
        claims::{AccessTokenClaims, Confirmation},
        liveness,
    },
};

use crate::{
    model::{client::Client, session::Session},
    store::{refresh_tokens, sessions},
};

/// The answer. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Introspection {
    /// Whether the token is good, and the caller may know it.
    pub active: bool,
    /// What it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `Bearer`, `DPoP` or `refresh_token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Since when it is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Whom it speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Vec<String>>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// The customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The store it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_key: Option<String>,
    /// The key it is bound to (RFC 9449 section 6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// Whether `client` may know about a token of `principal`: its own always, others of its project with the scope for it.
#[must_use]
pub fn may_know(client: &Client, principal: &Principal) -> bool {
    principal.project == client.project
        && (principal.client_id == client.id
            || client
                .scope
                .allows(ScopeName::IntrospectOauthTokens, &client.project, None))
}

/// The answer about a verified access token.
///
/// # Errors
/// [`DbError`].
pub fn of_access_token(
    tx: &mut ReadTx<'_>,
    claims: &AccessTokenClaims,
    principal: &Principal,
) -> Result<Introspection, DbError> {
    if !liveness::is_live(tx, claims)? {
        return Ok(Introspection::default());
    }
    Ok(Introspection {
        active: true,
        scope: Some(claims.scope.clone()),
        exp: Some(claims.exp),
        client_id: Some(claims.client_id.clone()),
        token_type: Some(claims.token_type()),
        iat: Some(claims.iat),
        nbf: Some(claims.nbf),
        sub: Some(claims.sub.clone()),
        aud: Some(claims.aud.clone()),
        iss: Some(claims.iss.clone()),
        jti: Some(claims.jti.clone()),
        store_key: claims.store.clone(),
        cnf: claims.cnf.clone(),
        ..identity(&principal.subject)
    })
}

/// The answer about a refresh token, which only its own client gets. Asking is no use of the token.
///
/// # Errors
/// [`DbError`].
pub fn of_refresh_token(
    tx: &mut ReadTx<'_>,
    client: &Client,
    token: &str,
    now: Timestamp,
) -> Result<Introspection, DbError> {
    let Some(session) = refreshable_session(tx, client, token, now)? else {
        return Ok(Introspection::default());
    };
    Ok(Introspection {
        active: true,
        scope: Some(session.scope.to_string()),
        exp: Some(session.refreshable_until().seconds()),
        client_id: Some(session.client_id.to_string()),
        token_type: Some("refresh_token"),
        store_key: session.store.as_ref().map(ToString::to_string),
        cnf: session.key_thumbprint.map(|jkt| Confirmation { jkt }),
        ..identity(&session.subject)
    })
}

fn refreshable_session(
    tx: &mut ReadTx<'_>,
    client: &Client,
    token: &str,
    now: Timestamp,
) -> Result<Option<Session>, DbError> {
    let Some(stored) = refresh_tokens::find(tx, &fingerprint(token))? else {
        return Ok(None);
    };
    if !stored.is_good() {
        return Ok(None);
    }
    let session = sessions::find_on(tx, &stored.session_id, stored.family.as_ref())?;
    Ok(session.filter(|session| session.is_refreshable(now) && session.client_id == client.id))
}

fn identity(subject: &Subject) -> Introspection {
    let mut answer = Introspection::default();
    match subject {
        Subject::Client => {}
        Subject::Anonymous(id) => answer.anonymous_id = Some(id.to_string()),
        Subject::Customer(id) => answer.customer_id = Some(id.to_string()),
    }
    answer
}
