//! What is sent to create an API client, and what is sent back.

use std::ops::RangeInclusive;

use domain::{
    identity::{
        ids::ProjectKey,
        scope::{Scope, ScopeName, ScopeSet},
    },
    timestamp::Timestamp,
};
use serde_json::{Map, Value, json};

use super::{
    api_error::ApiError,
    client::{
        ACCESS_TOKEN_SECONDS, AccessTokenFormat, Client, DEFAULT_GRACE_SECONDS, GRACE_SECONDS,
        REFRESH_TOKEN_SECONDS, RefreshTokenMode,
    },
    origin::{MOST_ORIGINS, secure_origin},
    redirect_uri::{MAX_REDIRECT_URIS, RedirectUri},
};

/// Days until a client vanishes.
const DELETE_DAYS: RangeInclusive<i64> = 1..=36_500;
const MAX_NAME_CHARACTERS: usize = 256;

/// An API client to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientDraft {
    /// For people.
    pub name: String,
    /// Whether it gets no secret.
    pub is_public: bool,
    /// Where it may have authorization codes sent to.
    pub redirect_uris: Vec<RedirectUri>,
    /// What it may do; every scope is of its own project.
    pub scope: ScopeSet,
    /// It vanishes that many days after it was made.
    pub delete_days: Option<i64>,
    /// Life of its access tokens.
    pub access_token_seconds: Option<i64>,
    /// Life of its refresh tokens.
    pub refresh_token_seconds: Option<i64>,
    /// What becomes of used refresh tokens.
    pub refresh_token_mode: RefreshTokenMode,
    /// What its access tokens look like.
    pub access_token_format: AccessTokenFormat,
    /// For so long a spent refresh token gets its successor again.
    pub grace_seconds: i64,
    /// Pages of these origins only may use it.
    pub allowed_origins: Option<Vec<String>>,
}

impl ClientDraft {
    /// Reads the JSON of a draft for `project`. Unknown members are ignored, `null` counts as absent.
    ///
    /// # Errors
    /// [`ApiError`] about the first member that is wrong.
    pub fn from_json(project: &ProjectKey, body: &[u8]) -> Result<Self, ApiError> {
        let invalid = |detail: String| ApiError::InvalidJson { detail };
        let value: Value =
            serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
        let Value::Object(members) = value else {
            return Err(invalid("expected an object".to_owned()));
        };
        let name = text(&members, "name")?.ok_or(ApiError::RequiredField { field: "name" })?;
        let scope = text(&members, "scope")?.ok_or(ApiError::RequiredField { field: "scope" })?;
        let is_public = flag(&members, "public")?;
        Ok(Self {
            name: checked_name(name)?,
            is_public,
            redirect_uris: checked_redirect_uris(&texts(&members, "redirectUris")?)?,
            scope: holdable(checked_scope(project, scope)?, is_public)?,
            delete_days: number(&members, "deleteDaysAfterCreation", DELETE_DAYS)?,
            access_token_seconds: number(
                &members,
                "accessTokenValiditySeconds",
                ACCESS_TOKEN_SECONDS,
            )?,
            refresh_token_seconds: number(
                &members,
                "refreshTokenValiditySeconds",
                REFRESH_TOKEN_SECONDS,
            )?,
            refresh_token_mode: refresh_token_mode(text(&members, "refreshTokenMode")?, is_public)?,
            access_token_format: access_token_format(text(&members, "accessTokenFormat")?)?,
            grace_seconds: number(&members, "graceSeconds", GRACE_SECONDS)?
                .unwrap_or(DEFAULT_GRACE_SECONDS),
            allowed_origins: member(&members, "allowedOrigins")
                .map(|_present| checked_origins(&texts(&members, "allowedOrigins")?))
                .transpose()?,
        })
    }
}

/// A name of 1–256 characters.
///
/// # Errors
/// [`ApiError`].
pub fn checked_name(name: &str) -> Result<String, ApiError> {
    if name.is_empty() {
        return Err(ApiError::RequiredField { field: "name" });
    }
    if name.chars().count() > MAX_NAME_CHARACTERS || name.contains('\0') {
        return Err(ApiError::InvalidField {
            field: "name",
            value: name.into(),
            expected: format!(
                "It must have at most {MAX_NAME_CHARACTERS} characters, none of them U+0000."
            ),
        });
    }
    Ok(name.to_owned())
}

/// The scopes of a client of `project`: known names, its own project, no identity, at least one.
///
/// # Errors
/// [`ApiError`].
pub fn checked_scope(project: &ProjectKey, text: &str) -> Result<ScopeSet, ApiError> {
    let invalid = |expected: String| ApiError::InvalidField {
        field: "scope",
        value: text.into(),
        expected,
    };
    let scopes = ScopeSet::parse(text).map_err(|error| invalid(format!("{error}.")))?;
    for scope in &scopes {
        match scope {
            Scope::Permission { project: place, .. } if place == project => {}
            Scope::Permission { .. } => {
                return Err(invalid(format!("`{scope}` is of another project.")));
            }
            Scope::Customer(_) | Scope::Anonymous(_) => {
                return Err(invalid(format!(
                    "`{scope}` is set by the authorization server only."
                )));
            }
        }
    }
    if scopes.is_empty() {
        return Err(ApiError::RequiredField { field: "scope" });
    }
    Ok(scopes)
}

/// Scopes that a client may hold: a public one only those that are safe on devices, where anybody reads its name and asks
/// with it, and the one that starts guests.
///
/// # Errors
/// [`ApiError::InvalidField`].
pub fn holdable(scopes: ScopeSet, is_public: bool) -> Result<ScopeSet, ApiError> {
    let surplus = scopes.unsafe_on_devices();
    let is_for_secrets = |scope: &&Scope| match scope {
        Scope::Permission { name, .. } => *name != ScopeName::CreateAnonymousToken,
        Scope::Customer(_) | Scope::Anonymous(_) => true,
    };
    match surplus.iter().find(is_for_secrets) {
        Some(scope) if is_public => Err(ApiError::InvalidField {
            field: "scope",
            value: json!(scopes.to_string()),
            expected: format!(
                "`{scope}` is not for a public client: only create_anonymous_token and scopes that are safe on \
                 devices are."
            ),
        }),
        Some(_) | None => Ok(scopes),
    }
}

/// The redirect URIs of a client, each once.
///
/// # Errors
/// [`ApiError::InvalidField`].
pub fn checked_redirect_uris(texts: &[&str]) -> Result<Vec<RedirectUri>, ApiError> {
    let invalid = |value: Value, expected: String| ApiError::InvalidField {
        field: "redirectUris",
        value,
        expected,
    };
    if texts.len() > MAX_REDIRECT_URIS {
        return Err(invalid(
            json!(texts.len()),
            format!("There must be at most {MAX_REDIRECT_URIS} redirect URIs."),
        ));
    }
    let mut uris = Vec::new();
    for text in texts {
        let uri =
            RedirectUri::parse(text).map_err(|error| invalid(json!(text), error.to_string()))?;
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    Ok(uris)
}

/// The refresh token mode of this name; rotating without one. What a public client's device loses must not be good for
/// ever (RFC 9700 section 4.14.2).
///
/// # Errors
/// [`ApiError::InvalidField`].
pub fn refresh_token_mode(
    text: Option<&str>,
    is_public: bool,
) -> Result<RefreshTokenMode, ApiError> {
    let invalid = |text: &str, expected: String| ApiError::InvalidField {
        field: "refreshTokenMode",
        value: text.into(),
        expected,
    };
    let Some(text) = text else {
        return Ok(RefreshTokenMode::Rotating);
    };
    match RefreshTokenMode::parse(text) {
        Some(RefreshTokenMode::Reusable) if is_public => Err(invalid(
            text,
            "Refresh tokens of a public client must be `rotating` or `dpop`.".to_owned(),
        )),
        Some(mode) => Ok(mode),
        None => Err(invalid(
            text,
            format!("It must be one of {}.", RefreshTokenMode::WORDS.join(", ")),
        )),
    }
}

/// The access token format of this name; a signed token without one.
///
/// # Errors
/// [`ApiError::InvalidField`].
pub fn access_token_format(text: Option<&str>) -> Result<AccessTokenFormat, ApiError> {
    match text {
        None => Ok(AccessTokenFormat::Jwt),
        Some(text) => AccessTokenFormat::parse(text).ok_or_else(|| ApiError::InvalidField {
            field: "accessTokenFormat",
            value: text.into(),
            expected: format!("It must be one of {}.", AccessTokenFormat::WORDS.join(", ")),
        }),
    }
}

/// The origins of a client: 1 to 50 of [`secure_origin`].
///
/// # Errors
/// [`ApiError::InvalidField`].
pub fn checked_origins(origins: &[&str]) -> Result<Vec<String>, ApiError> {
    let invalid = |expected: String| ApiError::InvalidField {
        field: "allowedOrigins",
        value: json!(origins),
        expected,
    };
    if !(1..=MOST_ORIGINS).contains(&origins.len()) {
        return Err(invalid(format!(
            "It must have 1 to {MOST_ORIGINS} origins."
        )));
    }
    let checked: Result<Vec<String>, String> =
        origins.iter().map(|origin| secure_origin(origin)).collect();
    checked.map_err(|problem| invalid(format!("Each {problem}.")))
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}

fn text<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, ApiError> {
    match member(members, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::InvalidJson {
            detail: format!("`{name}`: expected a string"),
        }),
    }
}

fn texts<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Vec<&'a str>, ApiError> {
    let invalid = || ApiError::InvalidJson {
        detail: format!("`{name}`: expected an array of strings"),
    };
    match member(members, name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().ok_or_else(invalid))
            .collect(),
        Some(_) => Err(invalid()),
    }
}

fn flag(members: &Map<String, Value>, name: &'static str) -> Result<bool, ApiError> {
    match member(members, name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(ApiError::InvalidJson {
            detail: format!("`{name}`: expected true or false"),
        }),
    }
}

fn number(
    members: &Map<String, Value>,
    name: &'static str,
    range: RangeInclusive<i64>,
) -> Result<Option<i64>, ApiError> {
    let Some(value) = member(members, name) else {
        return Ok(None);
    };
    let invalid = || ApiError::InvalidField {
        field: name,
        value: value.clone(),
        expected: format!("It must be between {} and {}.", range.start(), range.end()),
    };
    match value.as_i64() {
        Some(number) if range.contains(&number) => Ok(Some(number)),
        Some(_) => Err(invalid()),
        None if value.is_number() => Err(invalid()),
        None => Err(ApiError::InvalidJson {
            detail: format!("`{name}`: expected an integer"),
        }),
    }
}

/// The API client as it is sent out; with its secret once, where it has one, in the answer to its creation.
#[must_use]
pub fn to_json(client: &Client, secret: Option<&str>) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| {
        body.insert(name.to_owned(), value);
    };
    put("id", json!(client.id));
    put("name", json!(client.name));
    put("scope", json!(client.scope.to_string()));
    if let Some(secret) = secret {
        put("secret", json!(secret));
    }
    if client.is_public {
        put("public", json!(true));
    }
    if !client.redirect_uris.is_empty() {
        let uris = client.redirect_uris.iter().map(RedirectUri::as_str);
        put("redirectUris", uris.collect());
    }
    put("createdAt", json!(client.created_at));
    if let Some(day) = &client.last_used_on {
        put("lastUsedAt", json!(day));
    }
    if let Some(at) = client.delete_at {
        put("deleteAt", json!(at));
    }
    if let Some(seconds) = client.access_token_seconds {
        put("accessTokenValiditySeconds", json!(seconds));
    }
    if let Some(seconds) = client.refresh_token_seconds {
        put("refreshTokenValiditySeconds", json!(seconds));
    }
    if client.refresh_token_mode != RefreshTokenMode::Rotating {
        put(
            "refreshTokenMode",
            json!(client.refresh_token_mode.as_str()),
        );
    }
    if client.access_token_format != AccessTokenFormat::Jwt {
        put(
            "accessTokenFormat",
            json!(client.access_token_format.as_str()),
        );
    }
    if client.grace_seconds != DEFAULT_GRACE_SECONDS {
        put("graceSeconds", json!(client.grace_seconds));
    }
    if let Some(origins) = &client.allowed_origins {
        put("allowedOrigins", json!(origins));
    }
    Value::Object(body)
}

/// When a client made `now` vanishes.
#[must_use]
pub fn delete_at(delete_days: Option<i64>, now: Timestamp) -> Option<Timestamp> {
    delete_days.map(|days| now.plus_days(days))
}
