//! `/{projectKey}/api-clients`: administration of API clients, with an access token.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use domain::identity::{
    ids::{ClientId, ProjectKey},
    scope::{ScopeName, ScopeSet},
};
use serde_json::{Map, Value, json};
use shared::http::body::Body;
use shared::{db::ReadTx, token::verifier::VerifiedToken};

use super::{access, authentication::read, client_query::parse_query, errors::HttpError};
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
        let token = access::admit(state, request, &project).await?;
        let project_key = ProjectKey::new(&project);
        if !token.principal.scopes.allows(scope, &project_key, None) {
            let names = vec![scope.as_str()];
            return Err(HttpError::Bearer {
                error: OAuthError::InsufficientScope { names },
                realm: project,
            });
        }
        Ok(Self {
            token,
            project: project_key,
        })
    }

    fn check_alive(&self, tx: &mut ReadTx<'_>) -> Result<(), HttpError> {
        access::check_alive(tx, &self.token)
    }

    /// What of `scope` the caller does not have itself.
    fn lacks(&self, scope: &ScopeSet) -> ScopeSet {
        scope.beyond(&self.token.principal.scopes)
    }

    fn refused(&self, error: OAuthError) -> HttpError {
        HttpError::Bearer {
            error,
            realm: self.project.to_string(),
        }
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
    let body = read(body).await?;
    let draft = ClientDraft::from_json(&caller.project, &body)?;
    let (mint, pepper) = (state.mint.clone(), Arc::clone(&state.pepper));
    let forbid_escalation = state.behaviour.forbid_scope_escalation;
    let (client, secret) = state
        .database
        .write::<_, HttpError, _>(move |tx| {
            caller.check_alive(tx)?;
            let surplus = caller.lacks(&draft.scope);
            if forbid_escalation && !surplus.is_empty() {
                let names = surplus.names();
                return Err(caller.refused(OAuthError::InsufficientScope { names }));
            }
            let made = administration::create(tx, &mint, &pepper, &caller.project, draft)?;
            if !surplus.is_empty() {
                let maker = &caller.token.principal.client_id;
                administration::record_escalation(tx, &mint, &made.0, maker, &surplus)?;
            }
            Ok(made)
        })
        .await?;
    Ok(HttpResponse::Created().json(to_json(&client, secret.as_deref())))
}

/// `GET /{projectKey}/api-clients`.
pub async fn list(
    state: web::Data<AppState>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    let project = path.into_inner();
    let caller = Administrator::admit(&state, &request, project, ScopeName::ViewApiClients).await?;
    let query = parse_query(request.query_string())?;
    let (limit, offset) = (query.limit, query.offset);
    let page = state
        .database
        .read::<_, HttpError, _>(move |tx| {
            caller.check_alive(tx)?;
            Ok(query.page(tx, &caller.project)?)
        })
        .await?;
    let mut body = Map::new();
    body.insert("limit".to_owned(), json!(limit));
    body.insert("offset".to_owned(), json!(offset));
    body.insert("count".to_owned(), json!(page.results.len()));
    if let Some(total) = page.total {
        body.insert("total".to_owned(), json!(total));
    }
    body.insert("results".to_owned(), Value::Array(page.results));
    Ok(HttpResponse::Ok().json(body))
}

/// `HEAD /{projectKey}/api-clients`: whether any client matches.
pub async fn exists(
    state: web::Data<AppState>,
    path: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    let project = path.into_inner();
    let caller = Administrator::admit(&state, &request, project, ScopeName::ViewApiClients).await?;
    let query = parse_query(request.query_string())?;
    let has_any = state
        .database
        .read::<_, HttpError, _>(move |tx| {
            caller.check_alive(tx)?;
            Ok(query.has_any(tx, &caller.project)?)
        })
        .await?;
    Ok(match has_any {
        true => HttpResponse::Ok().finish(),
        false => HttpResponse::NotFound().finish(),
    })
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
