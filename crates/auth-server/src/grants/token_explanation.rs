//! Why a token is good, or not: what introspection must not tell a stranger, for operators.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    identity::ids::{ClientId, FamilyId, SessionId},
    timestamp::Timestamp,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shared::{
    db::{DbError, ReadTx},
    random::fingerprint,
    token::{
        claims::AccessTokenClaims,
        key_records::{self, KeyState},
    },
};

use crate::{
    model::{
        refresh_token::RefreshTokenState,
        session::{Session, SessionState},
    },
    store::{access_tokens, clients, families, refresh_tokens, session_records, sessions},
};

/// What is known of a token. Never the token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// What it is, or looks like.
    pub kind: &'static str,
    /// The client it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Its session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// It is good until then, unless something else ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Everything that keeps it from being good.
    pub reasons: Vec<String>,
}

/// A token as it looks from outside.
pub enum Shape {
    /// `projectKey:` and a secret.
    Refresh,
    /// Signed: the key it names, and its claims, which nobody has checked.
    Signed(Option<String>, Box<AccessTokenClaims>),
    /// A secret that only the database understands, or nothing of ours.
    Opaque,
}

#[derive(Deserialize)]
struct Header {
    kid: Option<String>,
}

impl Shape {
    /// What `token` looks like.
    #[must_use]
    pub fn of(token: &str) -> Self {
        if token.contains(':') {
            return Self::Refresh;
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(_)) = (parts.next(), parts.next(), parts.next())
        else {
            return Self::Opaque;
        };
        match (decoded::<Header>(header), decoded(claims)) {
            (Some(header), Some(claims)) => Self::Signed(header.kid, Box::new(claims)),
            (None, _) | (_, None) => Self::Opaque,
        }
    }
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// About a refresh token.
///
/// # Errors
/// [`DbError`].
pub fn of_refresh_token(
    tx: &mut ReadTx<'_>,
    token: &str,
    now: Timestamp,
) -> Result<Explanation, DbError> {
    let mut about = Explanation {
        kind: "refresh token",
        ..Explanation::default()
    };
    let Some(stored) = refresh_tokens::find(tx, &fingerprint(token))? else {
        about.reasons.push(
            "it is not known: never issued here, or its session is deleted, or it was replaced longer ago than \
             SPENT_TOKEN_RETENTION"
                .to_owned(),
        );
        return Ok(about);
    };
    match (stored.token.state, stored.successor_state) {
        (RefreshTokenState::Live, _)
        | (RefreshTokenState::Spent, Some(RefreshTokenState::Live)) => {}
        (RefreshTokenState::Spent, _) => about.reasons.push(
            "it was used, and so was its successor: whoever uses it again revokes the session"
                .to_owned(),
        ),
        (RefreshTokenState::Retired, _) => about.reasons.push(
            "it was replaced before it was ever used: whoever uses it revokes the session"
                .to_owned(),
        ),
    }
    of_session(tx, &stored.session_id, stored.family.as_ref(), &mut about)?;
    if let Some(session) = sessions::find_on(tx, &stored.session_id, stored.family.as_ref())? {
        about.client = Some(session.client_id.to_string());
        about.expires_at = Some(session.refreshable_until());
        about.reasons.extend(over(&session, now));
        of_client(tx, &session.client_id, now, &mut about)?;
    }
    Ok(about)
}

/// Why a session that nobody ended cannot be refreshed, as one of its devices has it.
fn over(session: &Session, now: Timestamp) -> Option<String> {
    match session.state {
        SessionState::Ended | SessionState::Revoked => return None,
        SessionState::Expired | SessionState::Evicted => {
            return Some(format!("its session is {}", session.state.as_str()));
        }
        SessionState::Active => {}
    }
    match session.absolute_expires_at {
        Some(end) if end <= now => Some(format!("the longest life of its session ended at {end}")),
        Some(_) | None if session.idle_expires_at <= now => {
            let end = session.idle_expires_at;
            Some(format!("it was not used in time, which ended at {end}"))
        }
        Some(_) | None => None,
    }
}

/// What ends all tokens of a client.
fn of_client(
    tx: &mut ReadTx<'_>,
    id: &ClientId,
    now: Timestamp,
    about: &mut Explanation,
) -> Result<(), DbError> {
    match clients::find(tx, id)? {
        None => about.reasons.push("its client is deleted".to_owned()),
        Some(client) => {
            if let Some(end) = client.delete_at.filter(|end| *end <= now) {
                about.reasons.push(format!("its client ended at {end}"));
            }
        }
    }
    Ok(())
}

/// About an opaque access token.
///
/// # Errors
/// [`DbError`].
pub fn of_opaque_token(
    tx: &mut ReadTx<'_>,
    token: &str,
    issuer: &str,
    now: Timestamp,
) -> Result<Explanation, DbError> {
    if let Some(claims) = access_tokens::find_opaque(tx, token)? {
        return Ok(Explanation {
            kind: "opaque access token",
            ..of_claims(tx, &claims, issuer, now)?
        });
    }
    Ok(Explanation {
        kind: "unknown",
        reasons: vec![
            "it is no token that is known here: never issued, or expired and deleted, or cut off"
                .to_owned(),
        ],
        ..Explanation::default()
    })
}

/// About a signed access token, but for the signature.
///
/// # Errors
/// [`DbError`].
pub fn of_signed_token(
    tx: &mut ReadTx<'_>,
    kid: Option<&str>,
    claims: &AccessTokenClaims,
    issuer: &str,
    now: Timestamp,
) -> Result<Explanation, DbError> {
    let mut about = Explanation {
        kind: "signed access token",
        ..of_claims(tx, claims, issuer, now)?
    };
    let kid = kid.unwrap_or_default();
    let key = key_records::all(tx)?.into_iter().find(|key| key.kid == kid);
    match key {
        None => about
            .reasons
            .push(format!("its signing key `{kid}` is unknown here")),
        Some(key) if key.state == KeyState::Removed => about.reasons.push(format!(
            "its signing key {kid} was removed or revoked; the client must refresh"
        )),
        Some(_) => {}
    }
    Ok(about)
}

fn of_claims(
    tx: &mut ReadTx<'_>,
    claims: &AccessTokenClaims,
    issuer: &str,
    now: Timestamp,
) -> Result<Explanation, DbError> {
    let expires_at = Timestamp::from_millis(0).plus_seconds(claims.exp);
    let mut about = Explanation {
        client: Some(claims.client_id.clone()),
        expires_at: Some(expires_at),
        ..Explanation::default()
    };
    if claims.iss != issuer {
        let found = &claims.iss;
        about.reasons.push(format!(
            "it was issued by {found}, and AUTH_PUBLIC_URL is {issuer}"
        ));
    }
    if expires_at <= now {
        about.reasons.push(format!("it expired at {expires_at}"));
    }
    if access_tokens::is_revoked(tx, &claims.jti)? {
        about.reasons.push("it was revoked, alone".to_owned());
    }
    of_client(tx, &ClientId::new(&claims.client_id), now, &mut about)?;
    if let Some(session) = &claims.sid {
        let family = claims.fam.as_deref().map(FamilyId::new);
        of_session(tx, &SessionId::new(session), family.as_ref(), &mut about)?;
    }
    Ok(about)
}

/// What ends all tokens of a session, or of one device of it.
fn of_session(
    tx: &mut ReadTx<'_>,
    id: &SessionId,
    family: Option<&FamilyId>,
    about: &mut Explanation,
) -> Result<(), DbError> {
    about.session = Some(id.to_string());
    match session_records::find(tx, id)? {
        None => about.reasons.push("its session is deleted".to_owned()),
        Some(session) => {
            let is_dead = matches!(session.state.as_str(), "ended" | "revoked");
            if let (true, Some(end)) = (is_dead, session.end()) {
                let since = session.closed_at.map(|at| format!(" since {at}"));
                let since = since.unwrap_or_default();
                about.reasons.push(format!("its session is {end}{since}"));
            }
        }
    }
    if let Some(family) = family
        && families::find_open(tx, id, family)?.is_none()
    {
        about.reasons.push("its device lost the session".to_owned());
    }
    Ok(())
}
