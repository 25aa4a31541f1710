//! Work on a session, over again where another request was faster.

use std::sync::Arc;

use shared::db::{DbError, WriteTx};

use super::{errors::HttpError, form::Form, token_request::TokenRequest};
use crate::{
    app_state::AppState,
    grants::{GrantError, access_token::Mint},
    limits::RateLimits,
    model::{client::Client, error::OAuthError, session::Session},
};

/// After each lost race the next look finds what the winner left, so a few attempts are plenty.
const ATTEMPTS: u32 = 10;

/// One attempt: what the work needs, and which attempt it is.
pub struct Attempt {
    /// Makes tokens.
    pub mint: Mint,
    /// Who asks.
    pub client: Arc<Client>,
    /// The parameters.
    pub form: Form,
    /// Thumbprint of the key that the client showed.
    pub key_thumbprint: Option<String>,
    limits: Arc<RateLimits>,
    number: u32,
}

impl Attempt {
    /// Counts a use of the session. However often it must be tried, it is one request.
    ///
    /// # Errors
    /// [`OAuthError::TooManyRequests`].
    pub fn admit(&self, session: &Session) -> Result<(), OAuthError> {
        match self.number {
            1 => self.limits.device(session),
            _ => Ok(()),
        }
    }
}

/// Does `work` in a transaction, again where another request changed the session meanwhile.
///
/// # Errors
/// What `work` answers.
pub async fn until_in_time<T: Send + 'static>(
    state: &AppState,
    asked: &TokenRequest,
    work: impl Fn(&mut WriteTx<'_>, &Attempt) -> Result<T, GrantError> + Clone + Send + 'static,
) -> Result<T, HttpError> {
    let mut number = 1;
    loop {
        let attempt = Attempt {
            mint: state.mint.clone(),
            client: Arc::clone(&asked.client),
            form: asked.form.clone(),
            key_thumbprint: asked.key().map(str::to_owned),
            limits: Arc::clone(&state.limits),
            number,
        };
        let work = work.clone();
        match asked.grant(state, move |tx| work(tx, &attempt)).await {
            Err(GrantError::Overtaken | GrantError::Database(DbError::Busy(_)))
                if number < ATTEMPTS =>
            {
                number += 1;
            }
            outcome => return Ok(outcome?),
        }
    }
}
