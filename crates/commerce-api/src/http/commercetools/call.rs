//! A request that may go on, and what every handler does with it.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use domain::{
    error::DomainError,
    resource::{Resource, decode_draft},
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::http::body::Body;
use shared::{db::ReadTx, http::client_address::Client as Caller};

use super::{errors::ApiError, render};
use crate::{
    access::Permission,
    app_state::AppState,
    error::CommerceError,
    http::extract::{authorized::authorize, json_body, query::Parameters},
    request::RequestContext,
    service::{
        expansion::{self, Paths},
        listing::Query,
        references::require_known_store,
        resources::{Deletion, Update},
        session::require_live,
        work::Work,
    },
    store::listing::Page,
};

/// What every handler answers.
pub type Answer = Result<HttpResponse, ApiError>;

/// The state, as handlers take it.
pub type State = Data<AppState>;

/// An authorized request.
pub struct Call {
    /// The server.
    pub state: State,
    /// Who asks, and for what part of the project.
    pub request: RequestContext,
    /// The query string.
    pub parameters: Parameters,
    /// Where the request came from.
    pub caller: Caller,
    expand: Paths,
}

impl Call {
    /// Authorizes a request for an endpoint, and reads what every endpoint accepts.
    ///
    /// # Errors
    /// As [`authorize`]; [`DomainError::InvalidInput`] for too many parameters or paths to expand.
    pub async fn begin(
        state: State,
        http: &HttpRequest,
        permission: Permission,
    ) -> Result<Self, CommerceError> {
        let request = authorize(&state, http, permission).await?;
        let read = Parameters::parse(http.query_string())
            .and_then(|parameters| Ok((parameters.expand()?, parameters)));
        let caller = state
            .trusted_proxies
            .client(http.peer_addr(), http.headers());
        let mut call = Self {
            state,
            request,
            parameters: Parameters::default(),
            caller,
            expand: Paths::default(),
        };
        (call.expand, call.parameters) = call.valid(read).await?;
        Ok(call)
    }

    /// What a request says, if it can be understood.
    ///
    /// # Errors
    /// What is wrong with it; before that, [`CommerceError::TokenInvalid`] for a token whose session is over and
    /// [`DomainError::ResourceNotFound`] for a path below a store that does not exist.
    pub async fn valid<T>(&self, said: Result<T, DomainError>) -> Result<T, CommerceError> {
        match said {
            Ok(understood) => Ok(understood),
            Err(wrong) => {
                self.read(|tx, request| {
                    require_live(tx, request)?;
                    require_known_store(tx, request)
                })
                .await?;
                Err(wrong.into())
            }
        }
    }

    /// The body as a draft.
    ///
    /// # Errors
    /// As [`Self::decoded`].
    pub async fn draft<D: DeserializeOwned>(&self, payload: Body) -> Result<D, CommerceError> {
        self.decoded(payload, decode_draft).await
    }

    /// The body as whatever `decode` makes of it.
    ///
    /// # Errors
    /// [`CommerceError::PayloadTooLarge`]; as [`Self::valid`].
    pub async fn decoded<T>(
        &self,
        payload: Body,
        decode: fn(Value) -> Result<T, DomainError>,
    ) -> Result<T, CommerceError> {
        let bytes = json_body::read(payload).await?;
        self.valid(json_body::parse(&bytes).and_then(decode)).await
    }

    /// The body as an update; what is wrong with it is reported after the resource was found.
    ///
    /// # Errors
    /// [`CommerceError::PayloadTooLarge`].
    pub async fn update<A>(
        &self,
        payload: Body,
        decode: fn(Vec<Value>) -> Result<Vec<A>, DomainError>,
    ) -> Result<Result<Update<A>, DomainError>, CommerceError> {
        Ok(json_body::parse_update(
            &json_body::read(payload).await?,
            decode,
        ))
    }

    /// What a DELETE asks for; what is wrong with it is reported after the resource was found.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`].
    pub fn deletion(&self) -> Result<Deletion, DomainError> {
        Ok(Deletion {
            version: self.parameters.version()?,
            erase: self.parameters.boolean("dataErasure")?.unwrap_or(false),
        })
    }

    /// Runs `work` in one transaction that only reads.
    ///
    /// # Errors
    /// What `work` answers.
    pub async fn read<T: Send + 'static, E: Into<CommerceError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>, &RequestContext) -> Result<T, E> + Send + 'static,
    ) -> Result<T, CommerceError> {
        let request = self.request.clone();
        self.state
            .database
            .read(move |tx| work(tx, &request).map_err(Into::into))
            .await
    }

    /// Runs a use case that only reads.
    ///
    /// # Errors
    /// What the use case answers.
    pub async fn ask<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&mut ReadTx<'_>, &AppState, &RequestContext) -> Result<T, CommerceError>
        + Send
        + 'static,
    ) -> Result<T, CommerceError> {
        let state = State::clone(&self.state);
        self.read(move |tx, request| use_case(tx, &state, request))
            .await
    }

    /// Runs a use case in one write transaction.
    ///
    /// # Errors
    /// What the use case answers.
    pub async fn write<T: Send + 'static>(
        &self,
        use_case: impl FnOnce(&mut Work<'_, '_>) -> Result<T, CommerceError> + Send + 'static,
    ) -> Result<T, CommerceError> {
        let (state, request) = (State::clone(&self.state), self.request.clone());
        self.state
            .database
            .write(move |tx| use_case(&mut Work::new(tx, &state.bench, &request)))
            .await
    }

    /// Answers with a resource and the references the request wants expanded.
    ///
    /// # Errors
    /// [`CommerceError`] from the database.
    pub async fn resource<R: Resource>(&self, status: StatusCode, resource: &R) -> Answer {
        if self.expand.is_empty() {
            return render::resource(status, resource);
        }
        self.document(status, render::json(resource)?).await
    }

    /// Answers with a document and the references the request wants expanded.
    ///
    /// # Errors
    /// [`CommerceError`] from the database.
    pub async fn document(&self, status: StatusCode, body: String) -> Answer {
        let body = self.expanded(vec![body]).await?.pop().unwrap_or_default();
        Ok(render::stored(status, body))
    }

    /// Answers with a page and the references the request wants expanded.
    ///
    /// # Errors
    /// [`CommerceError`] from the database.
    pub async fn page(&self, query: &Query, mut page: Page) -> Answer {
        page.bodies = self.expanded(page.bodies).await?;
        Ok(render::page(query, page))
    }

    async fn expanded(&self, bodies: Vec<String>) -> Result<Vec<String>, CommerceError> {
        expansion::expand_all(&self.state, &self.request, bodies, &self.expand).await
    }
}

/// Whether a resource that was asked for by HEAD is there.
///
/// # Errors
/// Any but [`DomainError::ResourceNotFound`].
pub fn found<T>(read: Result<T, CommerceError>) -> Answer {
    match read {
        Ok(_) => Ok(render::head(true)),
        Err(CommerceError::Domain(DomainError::ResourceNotFound { .. })) => Ok(render::head(false)),
        Err(error) => Err(error.into()),
    }
}
