//! The routes that every resource has, generic over the resource.

use actix_web::{
    HttpRequest, HttpResponse, Resource as Paths,
    http::StatusCode,
    web::{self, Data, Payload},
};
use domain::{
    error::DomainError,
    identity::principal::Subject,
    kind::Kind,
    payment::{MyPayment, Payment},
    resource::{Resource, decode_actions, decode_draft},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{errors::ApiError, render};
use crate::{
    access::{Audience, Permission, Verb, backend_scopes, my_scopes},
    app_state::AppState,
    error::CommerceError,
    http::extract::{authorized::authorize, json_body, path, query::Parameters},
    request::RequestContext,
    service::{
        expansion, listing,
        resources::{self, OwnedBy},
    },
};

/// How bodies of a resource are decoded at an endpoint.
pub struct Codec<R: Resource> {
    /// A draft.
    pub draft: fn(Value) -> Result<R::Draft, DomainError>,
    /// The actions of an update.
    pub actions: fn(Vec<Value>) -> Result<Vec<R::Action>, DomainError>,
}

impl<R: Resource> Clone for Codec<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Resource> Copy for Codec<R> {}

impl<R: Resource> Codec<R> {
    /// Drafts and actions of backends.
    #[must_use]
    pub fn backend() -> Self {
        Self {
            draft: decode_draft::<R::Draft>,
            actions: decode_actions::<R::Action>,
        }
    }

    /// Drafts and actions of shoppers: types of their own, so that what a shopper may not do cannot be decoded.
    #[must_use]
    pub fn shopper<D, A>() -> Self
    where
        D: DeserializeOwned + Into<R::Draft>,
        A: DeserializeOwned + Into<R::Action>,
    {
        Self {
            draft: |body| decode_draft::<D>(body).map(Into::into),
            actions: |actions| {
                Ok(decode_actions::<A>(actions)?
                    .into_iter()
                    .map(Into::into)
                    .collect())
            },
        }
    }
}

/// Where a resource is served.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// Which kind.
    pub kind: Kind,
    /// For whom.
    pub audience: Audience,
}

impl Endpoint {
    /// For backends.
    #[must_use]
    pub const fn backend(kind: Kind) -> Self {
        Self {
            kind,
            audience: Audience::Backend,
        }
    }

    /// For shoppers, below `/me`.
    #[must_use]
    pub const fn shopper(kind: Kind) -> Self {
        Self {
            kind,
            audience: Audience::Shopper,
        }
    }

    /// What the endpoint demands for a verb.
    #[must_use]
    pub const fn permission(self, verb: Verb) -> Permission {
        let any_of = match self.audience {
            Audience::Backend => backend_scopes(self.kind, verb),
            _ => my_scopes(self.kind),
        };
        Permission {
            any_of,
            audience: self.audience,
        }
    }

    /// Whether the documents go out in another shape than they are stored.
    const fn has_own_view(self) -> bool {
        matches!(
            (self.audience, self.kind),
            (Audience::Shopper, Kind::Payment)
        )
    }

    /// The path of its collection below `prefix`.
    #[must_use]
    pub fn collection(self, prefix: &str) -> String {
        let me = if self.audience == Audience::Backend {
            ""
        } else {
            "/me"
        };
        format!("{prefix}{me}/{}", self.kind.collection())
    }
}

/// Methods of a path that is only read.
pub const READ: &str = "GET, HEAD";
/// Methods of a collection that takes drafts.
pub const LIST_AND_CREATE: &str = "GET, HEAD, POST";
/// Methods of a resource that takes updates.
pub const READ_AND_CHANGE: &str = "GET, HEAD, POST, DELETE";
/// Methods of a path that does something.
pub const POST: &str = "POST";

/// What every answer goes through.
pub type Answer = Result<HttpResponse, ApiError>;

/// The state, as handlers take it.
pub type State = Data<AppState>;

/// A path with exactly these `methods`; any other is answered with 405 and the `Allow` header of RFC 9110.
#[must_use]
pub fn at(path: &str, methods: &'static str) -> Paths {
    web::resource(path).default_service(web::to(move |http: HttpRequest| async move {
        let method = http.method().to_string();
        Err::<HttpResponse, _>(ApiError(CommerceError::MethodNotAllowed {
            method,
            allowed: methods,
        }))
    }))
}

/// `GET` and `HEAD` of a collection, and `POST` where the caller adds it.
pub fn collection(endpoint: Endpoint, path: &str, methods: &'static str) -> Paths {
    at(path, methods)
        .route(web::get().to(move |state: State, http: HttpRequest| list(state, http, endpoint)))
        .route(web::head().to(move |state: State, http: HttpRequest| exists(state, http, endpoint)))
}

/// [`collection`] and `POST` of a draft.
pub fn collection_with_create<R: Resource>(
    endpoint: Endpoint,
    path: &str,
    codec: Codec<R>,
) -> Paths {
    collection(endpoint, path, LIST_AND_CREATE).route(create_route(endpoint, codec))
}

/// `POST` of a draft.
pub fn create_route<R: Resource>(endpoint: Endpoint, codec: Codec<R>) -> actix_web::Route {
    web::post().to(move |state: State, http: HttpRequest, payload: Payload| {
        create(state, http, payload, endpoint, codec)
    })
}

/// How an item path names its resource.
#[derive(Clone, Copy, Debug)]
pub enum Naming {
    /// `/{id}`
    Id,
    /// `/key={key}`
    Key,
    /// `/order-number={orderNumber}`
    OrderNumber,
}

impl Naming {
    /// The last segment of the path.
    #[must_use]
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::Id => "{id}",
            Self::Key => "key={key}",
            Self::OrderNumber => "order-number={orderNumber}",
        }
    }

    /// What a request's path names.
    #[must_use]
    pub fn of(self, http: &HttpRequest) -> OwnedBy {
        match self {
            Self::Id => OwnedBy::Id(path::parameter(http, "id")),
            Self::Key => OwnedBy::Key(path::parameter(http, "key")),
            Self::OrderNumber => {
                OwnedBy::Unique("order-number", path::parameter(http, "orderNumber"))
            }
        }
    }
}

/// `GET` and `HEAD` of one resource, and what the caller adds.
pub fn item(endpoint: Endpoint, collection: &str, naming: Naming, methods: &'static str) -> Paths {
    at(&format!("{collection}/{}", naming.pattern()), methods)
        .route(
            web::get()
                .to(move |state: State, http: HttpRequest| get(state, http, endpoint, naming)),
        )
        .route(
            web::head()
                .to(move |state: State, http: HttpRequest| head(state, http, endpoint, naming)),
        )
}

/// [`item`], `POST` of an update and `DELETE`.
pub fn item_with_changes<R: Resource>(
    endpoint: Endpoint,
    collection: &str,
    naming: Naming,
    codec: Codec<R>,
) -> Paths {
    item(endpoint, collection, naming, READ_AND_CHANGE)
        .route(update_route(endpoint, naming, codec))
        .route(
            web::delete().to(move |state: State, http: HttpRequest| {
                delete::<R>(state, http, endpoint, naming)
            }),
        )
}

/// `POST` of an update to one resource.
pub fn update_route<R: Resource>(
    endpoint: Endpoint,
    naming: Naming,
    codec: Codec<R>,
) -> actix_web::Route {
    web::post().to(move |state: State, http: HttpRequest, payload: Payload| {
        update(state, http, payload, endpoint, naming, codec)
    })
}

/// All eight routes of a resource below `prefix`.
pub fn register<R: Resource>(
    config: &mut web::ServiceConfig,
    prefix: &str,
    endpoint: Endpoint,
    codec: Codec<R>,
) {
    let path = endpoint.collection(prefix);
    config
        .service(collection_with_create(endpoint, &path, codec))
        .service(item_with_changes(endpoint, &path, Naming::Key, codec))
        .service(item_with_changes(endpoint, &path, Naming::Id, codec));
}

async fn list(state: State, http: HttpRequest, endpoint: Endpoint) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::View)).await?;
    let parameters = Parameters::parse(http.query_string());
    let query = parameters.listing()?;
    let mut page = listing::page(&state, &request, endpoint.kind, &query).await?;
    page.bodies = expansion::expand_all(&state, &request, page.bodies, parameters.expand()).await?;
    page.bodies = page
        .bodies
        .into_iter()
        .map(|body| shown(endpoint, body))
        .collect::<Result<_, _>>()?;
    Ok(render::page(&query, &page))
}

async fn exists(state: State, http: HttpRequest, endpoint: Endpoint) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::View)).await?;
    let mut query = Parameters::parse(http.query_string()).listing()?;
    (query.limit, query.with_total) = (1, false);
    let page = listing::page(&state, &request, endpoint.kind, &query).await?;
    Ok(render::head(!page.bodies.is_empty()))
}

async fn get(state: State, http: HttpRequest, endpoint: Endpoint, naming: Naming) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::View)).await?;
    let body = resources::read(&state, &request, endpoint.kind, naming.of(&http)).await?;
    expanded(
        &state,
        &request,
        &http,
        StatusCode::OK,
        shown(endpoint, body)?,
    )
    .await
}

async fn head(state: State, http: HttpRequest, endpoint: Endpoint, naming: Naming) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::View)).await?;
    match resources::read(&state, &request, endpoint.kind, naming.of(&http)).await {
        Ok(_) => Ok(render::head(true)),
        Err(CommerceError::Domain(DomainError::ResourceNotFound { .. })) => Ok(render::head(false)),
        Err(error) => Err(error.into()),
    }
}

async fn create<R: Resource>(
    state: State,
    http: HttpRequest,
    payload: Payload,
    endpoint: Endpoint,
    codec: Codec<R>,
) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::Manage)).await?;
    let draft = (codec.draft)(json_body::parse(&json_body::read(payload).await?)?)?;
    let resource: R = write(&state, &request, move |tx, state, request| {
        resources::create::<R>(tx, state, request, draft)
    })
    .await?;
    written(
        &state,
        &request,
        &http,
        StatusCode::CREATED,
        endpoint,
        &resource,
    )
    .await
}

async fn update<R: Resource>(
    state: State,
    http: HttpRequest,
    payload: Payload,
    endpoint: Endpoint,
    naming: Naming,
    codec: Codec<R>,
) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::Manage)).await?;
    let update = json_body::parse_update(&json_body::read(payload).await?, codec.actions);
    let by = naming.of(&http);
    let resource: R = write(&state, &request, move |tx, state, request| {
        resources::update::<R>(tx, state, request, by.as_by(), update)
    })
    .await?;
    written(&state, &request, &http, StatusCode::OK, endpoint, &resource).await
}

async fn delete<R: Resource>(
    state: State,
    http: HttpRequest,
    endpoint: Endpoint,
    naming: Naming,
) -> Answer {
    let request = authorize(&state, &http, endpoint.permission(Verb::Manage)).await?;
    let parameters = Parameters::parse(http.query_string());
    let erase = parameters.boolean("dataErasure")?.unwrap_or(false);
    let (version, by) = (parameters.version(), naming.of(&http));
    let resource: R = write(&state, &request, move |tx, state, request| {
        resources::delete::<R>(tx, state, request, by.as_by(), version, erase)
    })
    .await?;
    written(&state, &request, &http, StatusCode::OK, endpoint, &resource).await
}

async fn written<R: Resource>(
    state: &State,
    request: &RequestContext,
    http: &HttpRequest,
    status: StatusCode,
    endpoint: Endpoint,
    resource: &R,
) -> Answer {
    if !endpoint.has_own_view() {
        return changed(state, request, http, status, resource).await;
    }
    let body = serde_json::to_string(resource)
        .map_err(|error| CommerceError::Internal(error.to_string()))?;
    expanded(state, request, http, status, shown(endpoint, body)?).await
}

/// What an endpoint shows of a stored document: shoppers see less of a payment than backends.
fn shown(endpoint: Endpoint, body: String) -> Result<String, CommerceError> {
    if !endpoint.has_own_view() {
        return Ok(body);
    }
    let internal = |error: serde_json::Error| CommerceError::Internal(error.to_string());
    let payment: Payment = serde_json::from_str(&body).map_err(internal)?;
    serde_json::to_string(&MyPayment::from(&payment)).map_err(internal)
}

/// Runs a use case in one write transaction.
///
/// # Errors
/// What the use case answers.
pub async fn write<T: Send + 'static>(
    state: &State,
    request: &RequestContext,
    work: impl FnOnce(
        &mut shared::db::WriteTx<'_>,
        &AppState,
        &RequestContext,
    ) -> Result<T, CommerceError>
    + Send
    + 'static,
) -> Result<T, CommerceError> {
    let (owned_state, owned_request) = (State::clone(state), request.clone());
    state
        .database
        .write(move |tx| work(tx, &owned_state, &owned_request))
        .await
}

/// Renders a resource that was just written, with the references the request wants expanded.
///
/// # Errors
/// [`CommerceError`].
pub async fn changed<R: Resource>(
    state: &State,
    request: &RequestContext,
    http: &HttpRequest,
    status: StatusCode,
    resource: &R,
) -> Answer {
    if http.query_string().contains("expand=") {
        let body = serde_json::to_string(resource)
            .map_err(|error| CommerceError::Internal(error.to_string()))?;
        return expanded(state, request, http, status, body).await;
    }
    render::resource(status, resource)
}

/// Renders a stored document, with the references the request wants expanded.
///
/// # Errors
/// [`CommerceError`].
pub async fn expanded(
    state: &State,
    request: &RequestContext,
    http: &HttpRequest,
    status: StatusCode,
    body: String,
) -> Answer {
    let paths = Parameters::parse(http.query_string()).expand();
    let bodies = expansion::expand_all(state, request, vec![body], paths).await?;
    Ok(render::stored(
        status,
        bodies.into_iter().next().unwrap_or_default(),
    ))
}

/// Whether the request acts for a shopper.
#[must_use]
pub fn is_shopper(request: &RequestContext) -> bool {
    request.acting_for != Subject::Client
}
