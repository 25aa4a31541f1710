//! `/{projectKey}/api-clients`: administration of API clients, with an access token.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use domain::identity::{
    ids::{ClientId, ProjectKey},
    scope::ScopeName,
};
use serde_json::{Value, json};
use shared::{
    db::ReadTx,
    http::access_token::AccessError,
    token::{liveness, verifier::VerifiedToken},
};

use super::{authentication::Body, errors::HttpError};
use crate::{
    app_state::AppState,
    grants::clients as administration,
    model::{
        api_error::ApiError,
        client_draft::{ClientDraft, to_json},
        error::OAuthError,
    },
    store::clients,
};

const LIMIT: std::ops::RangeInclusive<i64> = 0..=500;
const DEFAULT_LIMIT: i64 = 20;
const OFFSET: std::ops::RangeInclusive<i64> = 0..=10_000;

/// A caller who may see or change the API clients of a project.
struct Administrator {
    token: Arc<VerifiedToken>,
    project: ProjectKey,
}

impl Administrator {
    /// Checks the token and its scope; whether it lives is checked in the transaction of the work.
    async fn admit(
        state: &AppState,
        request: &HttpRequest,
        project: String,
        scope: ScopeName,
    ) -> Result<Self, HttpError> {
        let refused = |error| HttpError::Bearer {
            error,
            realm: project.clone(),
        };
        let token = match state.gate().admit(request).await {
            Ok(token) if token.principal.project.as_str() == project => token,
            Err(AccessError::Missing) => return Err(refused(OAuthError::AccessTokenMissing)),
            Ok(_) | Err(AccessError::Invalid) => return Err(refused(OAuthError::InvalidToken)),
            Err(AccessError::InvalidBound) => return Err(refused(OAuthError::BoundTokenInvalid)),
            Err(AccessError::Proof(error)) => return Err(refused(error.into())),
            Err(AccessError::Db(error)) => return Err(error.into()),
        };
        let project_key = ProjectKey::new(&project);
        if !token.principal.scopes.allows(scope, &project_key, None) {
            return Err(refused(OAuthError::InsufficientScope {
                names: vec![scope.as_str()],
            }));
        }
        Ok(Self {
            token,
            project: project_key,
        })
    }

    fn check_alive(&self, tx: &mut ReadTx<'_>) -> Result<(), HttpError> {
        if liveness::is_live(tx, &self.token.claims)? {
            return Ok(());
        }
        Err(HttpError::Bearer {
            error: OAuthError::InvalidToken,
            realm: self.project.to_string(),
        })
    }
}

/// `POST /{projectKey}/api-clients`.
pub async fn create(
    state: web::Data<AppState>,
    path: web::Path<String>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let project = path.into_inner();
    let caller =
        Administrator::admit(&state, &request, project, ScopeName::ManageApiClients).await?;
    let body = body.map_err(|error| ApiError::InvalidJson {
        detail: error.to_string(),
    })?;
    let draft = ClientDraft::from_json(&caller.project, &body)?;
    let (mint, pepper) = (state.mint.clone(), Arc::clone(&state.pepper));
    let (client, secret) = state
        .database
        .write::<_, HttpError, _>(move |tx| {
            caller.check_alive(tx)?;
            Ok(administration::create(
                tx,
                &mint,
                &pepper,
                &caller.project,
                draft,
            )?)
        })
        .await?;
    Ok(HttpResponse::Created().json(to_json(&client, secret.as_deref())))
}

/// `GET` and `HEAD /{projectKey}/api-clients`.
pub async fn list(
    state: web::Data<AppState>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    let project = path.into_inner();
    let caller = Administrator::admit(&state, &request, project, ScopeName::ViewApiClients).await?;
    let page = Page::parse(request.query_string())?;
    let (found, total) = state
        .database
        .read::<_, HttpError, _>(move |tx| {
            caller.check_alive(tx)?;
            let found = clients::list(tx, &caller.project, page.limit, page.offset)?;
            let total = match page.with_total {
                true => Some(clients::count(tx, &caller.project)?),
                false => None,
            };
            Ok((found, total))
        })
        .await?;
    let results: Vec<Value> = found.iter().map(|client| to_json(client, None)).collect();
    let mut body = json!({ "limit": page.limit, "offset": page.offset, "count": results.len() });
    if let (Some(members), Some(total)) = (body.as_object_mut(), total) {
        members.insert("total".to_owned(), json!(total));
    }
    if let Some(members) = body.as_object_mut() {
        members.insert("results".to_owned(), Value::Array(results));
    }
    Ok(HttpResponse::Ok().json(body))
}

/// `GET` and `HEAD /{projectKey}/api-clients/{id}`.
pub async fn get(
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    let (project, id) = path.into_inner();
    let caller = Administrator::admit(&state, &request, project, ScopeName::ViewApiClients).await?;
    let wanted = client_id(&id)?;
    let found = state
        .database
        .read::<_, HttpError, _>(move |tx| {
            caller.check_alive(tx)?;
            let found = clients::find(tx, &wanted)?;
            Ok(found.filter(|client| client.project == caller.project))
        })
        .await?;
    let client = found.ok_or(ApiError::ClientNotFound { id })?;
    Ok(HttpResponse::Ok().json(to_json(&client, None)))
}

/// `DELETE /{projectKey}/api-clients/{id}`: all its sessions end with it.
pub async fn delete(
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    let (project, id) = path.into_inner();
    let caller =
        Administrator::admit(&state, &request, project, ScopeName::ManageApiClients).await?;
    let wanted = client_id(&id)?;
    let mint = state.mint.clone();
    let unwanted = wanted.clone();
    let deleted = state
        .database
        .write::<_, HttpError, _>(move |tx| {
            caller.check_alive(tx)?;
            Ok(administration::delete(
                tx,
                &mint,
                &caller.project,
                &unwanted,
            )?)
        })
        .await?;
    state.clients.forget(&wanted);
    let client = deleted.ok_or(ApiError::ClientNotFound { id })?;
    Ok(HttpResponse::Ok().json(to_json(&client, None)))
}

/// Ids with U+0000 are no ids: PostgreSQL has no text with it.
fn client_id(text: &str) -> Result<ClientId, ApiError> {
    if text.contains('\0') {
        return Err(ApiError::ClientNotFound { id: String::new() });
    }
    Ok(ClientId::new(text))
}

#[derive(Clone, Copy)]
struct Page {
    limit: i64,
    offset: i64,
    with_total: bool,
}

impl Page {
    fn parse(query: &str) -> Result<Self, ApiError> {
        let mut page = Self {
            limit: DEFAULT_LIMIT,
            offset: 0,
            with_total: true,
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "limit" => page.limit = in_range("limit", &value, LIMIT)?,
                "offset" => page.offset = in_range("offset", &value, OFFSET)?,
                "withTotal" => page.with_total = value.as_ref() != "false",
                // Answering more than was asked for would be worse than refusing.
                "where" | "sort" => {
                    return Err(ApiError::InvalidInput {
                        message: format!(
                            "Malformed parameter: {name}: API clients cannot be filtered or sorted."
                        ),
                    });
                }
                _ => {}
            }
        }
        Ok(page)
    }
}

fn in_range(
    name: &str,
    value: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, ApiError> {
    value
        .parse()
        .ok()
        .filter(|number| range.contains(number))
        .ok_or_else(|| ApiError::InvalidInput {
            message: format!(
                "Malformed parameter: {name}: must be a number from {} to {}.",
                range.start(),
                range.end()
            ),
        })
}
