//! The token endpoints.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{HeaderValue, USER_AGENT},
    web,
};
use domain::identity::ids::{ProjectKey, StoreKey};
use shared::{
    http::body::Body,
    limits::Outcome,
    password::{Party, Verdict},
    token::dpop::NONCE_HEADER,
};

use super::{
    answer::secret, code, errors::HttpError, handoff, idempotency, refresh,
    token_request::TokenRequest, upgrade,
};
use crate::{
    app_state::AppState,
    grants::{
        GrantError,
        access_token::NewAccessToken,
        anonymous_session::{self, AnonymousRequest},
        client_credentials,
        customer_password::{self, CheckedCustomer},
        guest_once::GuestTokens,
        guest_upgrade::{GuestUpgrade, SignedIn},
        session_start::{SessionStart, StartedSession},
    },
    model::error::OAuthError,
};

/// `POST /oauth/token`: a token for the client itself, a refresh, or the exchange of a code.
pub async fn client_token(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let asked = TokenRequest::read(&state, &request, body).await?;
    match asked.form.required("grant_type")? {
        "client_credentials" => {
            asked.refuse_public()?;
            let token = own_token(&state, &asked).await?;
            render(&state, &asked, token, None).await
        }
        "refresh_token" => refresh::refresh(&state, &asked).await,
        "authorization_code" => code::exchange(&state, &asked).await,
        other => asked.unsupported(other),
    }
}

/// A token for the client itself. Nothing is written unless a proof or an opaque token must be remembered.
async fn own_token(state: &AppState, asked: &TokenRequest) -> Result<NewAccessToken, HttpError> {
    let token = client_credentials::grant(
        &state.mint,
        &asked.client,
        asked.scope(),
        state.behaviour.narrowing,
        asked.key(),
    )?;
    if asked.key().is_none() && !token.is_opaque() {
        return Ok(token);
    }
    let stored = asked.grant(state, move |tx| {
        token.store(tx)?;
        Ok(token)
    });
    Ok(stored.await?)
}

/// `POST /oauth/{projectKey}/anonymous/token`: a new guest, or a refresh.
pub async fn anonymous_token(
    state: web::Data<AppState>,
    path: web::Path<String>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let project = ProjectKey::new(path.into_inner());
    let asked = TokenRequest::read_in(&state, &project, &request, body).await?;
    start_guest(&state, &asked, &request, None).await
}

/// `POST /oauth/{projectKey}/in-store/key={storeKey}/anonymous/token`: a guest who is bound to a store.
pub async fn store_anonymous_token(
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let (project, store) = path.into_inner();
    let project = ProjectKey::new(project);
    let asked = TokenRequest::read_in(&state, &project, &request, body).await?;
    let store = store_key(&store).ok_or(OAuthError::ScopeMalformed)?;
    start_guest(&state, &asked, &request, Some(store)).await
}

async fn start_guest(
    state: &AppState,
    asked: &TokenRequest,
    request: &HttpRequest,
    store: Option<StoreKey>,
) -> Result<HttpResponse, HttpError> {
    match asked.form.required("grant_type")? {
        "client_credentials" => {}
        "refresh_token" => return refresh::refresh(state, asked).await,
        handoff::GRANT_TYPE if store.is_none() => return handoff::redeem(state, asked).await,
        other => return asked.unsupported(other),
    }
    let wanted = AnonymousRequest {
        scope: asked.scope(),
        anonymous_id: asked.form.get("anonymous_id"),
        store: store.as_ref(),
        with_refresh_token: asked.wants_refresh_token(),
        narrowing: state.behaviour.narrowing,
        key_thumbprint: asked.session_key()?.map(str::to_owned),
        devices: state.behaviour.device_scopes.scopes(),
    };
    let key = idempotency::read_key(request.headers())?;
    let once = key.map(|key| idempotency::bind(&key, state, asked, &wanted));
    let once = once.transpose()?;
    let guest = anonymous_session::prepare(&state.mint, &asked.client, &wanted)?;
    let surplus = state.device_scopes.surplus(guest.scopes());
    let browser = request.headers().get(USER_AGENT);
    let browser = browser.map(|text| String::from_utf8_lossy(text.as_bytes()));
    state.limits.guest(
        &asked.caller,
        browser.as_deref().unwrap_or(""),
        &asked.client.id,
    )?;
    let (mint, client) = (state.mint.clone(), Arc::clone(&asked.client));
    let tokens = asked
        .grant(state, move |tx| match once {
            Some(once) => once.store(tx, &mint, &client, guest),
            None => Ok(GuestTokens::of_new(anonymous_session::store(tx, guest)?)),
        })
        .await?;
    if let Some(surplus) = surplus.filter(|_| !tokens.is_replayed) {
        state.device_scopes.warn(&asked.client, surplus);
    }
    let mut response = render(state, asked, tokens.access_token, tokens.refresh_token).await?;
    if tokens.is_replayed {
        let headers = response.headers_mut();
        headers.insert(idempotency::REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// `POST /oauth/{projectKey}/customers/token`: a customer of the project, or a refresh.
pub async fn customer_token(
    state: web::Data<AppState>,
    path: web::Path<String>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let project = ProjectKey::new(path.into_inner());
    let asked = TokenRequest::read_in(&state, &project, &request, body).await?;
    start_customer(&state, &asked, None).await
}

/// `POST /oauth/{projectKey}/in-store/key={storeKey}/customers/token`: a customer of a store.
pub async fn store_customer_token(
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, HttpError> {
    let (project, store) = path.into_inner();
    let project = ProjectKey::new(project);
    let asked = TokenRequest::read_in(&state, &project, &request, body).await?;
    // An impossible store is as good as one without customers.
    let store = store_key(&store).ok_or(OAuthError::CustomerCredentials)?;
    start_customer(&state, &asked, Some(store)).await
}

async fn start_customer(
    state: &AppState,
    asked: &TokenRequest,
    store: Option<StoreKey>,
) -> Result<HttpResponse, HttpError> {
    match asked.form.required("grant_type")? {
        "password" => asked.refuse_public()?,
        "refresh_token" => return refresh::refresh(state, asked).await,
        other => return asked.unsupported(other),
    }
    let key_thumbprint = asked.session_key()?.map(str::to_owned);
    let scopes = customer_password::scopes(
        &asked.client,
        asked.scope(),
        state.behaviour.narrowing,
        state.behaviour.device_scopes.scopes(),
    )?;
    let surplus = state.device_scopes.surplus(&scopes);
    let guest = upgrade::wanted(state, asked, store.as_ref()).await?;
    let mut customer = check_password(state, asked, store.clone()).await?;
    let mut comparisons = 1;
    let (token, refresh_token) = loop {
        let start = SessionStart {
            subject: customer.subject(),
            scopes: scopes.clone(),
            store: store.clone(),
            with_refresh_token: asked.wants_refresh_token(),
            key_thumbprint: key_thumbprint.clone(),
        };
        match begin(state, asked, customer, start, guest.clone()).await {
            // Another sign-in may have hashed the same password anew: only then it fits the hash that is there now.
            Err(HttpError::OAuth(OAuthError::CustomerCredentials))
                if comparisons < MOST_COMPARISONS =>
            {
                let email = asked.form.required("username")?;
                let party = state
                    .limits
                    .who(&asked.caller, &asked.client, email)
                    .party();
                customer = find_and_compare(state, asked, store.clone(), &party).await?;
                comparisons += 1;
            }
            begun => break begun?,
        }
    };
    if let Some(surplus) = surplus {
        state.device_scopes.warn(&asked.client, surplus);
    }
    render(state, asked, token, refresh_token).await
}

/// How often a password is compared for one request, where the stored hash is another one each time.
const MOST_COMPARISONS: u32 = 4;

/// Starts the session of a customer whose password was right, for the guest who becomes the customer if there is one.
async fn begin(
    state: &AppState,
    asked: &TokenRequest,
    customer: CheckedCustomer,
    start: SessionStart,
    guest: Option<GuestUpgrade>,
) -> Result<(NewAccessToken, Option<String>), HttpError> {
    let session = StartedSession::new(&state.mint, &asked.client, start)?;
    let Some(guest) = guest else {
        let (client, mint) = (asked.client.clone(), state.mint.clone());
        let stored = asked.grant(state, move |tx| {
            customer_password::store(tx, &client, &customer, session, &mint)
        });
        return Ok(stored.await?);
    };
    upgrade::sign_in(state, asked, SignedIn { customer, session }, guest).await
}

/// The customer of `username` and `password`. One answer, and one amount of work, for every reason to refuse.
async fn check_password(
    state: &AppState,
    asked: &TokenRequest,
    store: Option<StoreKey>,
) -> Result<CheckedCustomer, HttpError> {
    let email = asked.form.required("username")?;
    asked.form.required("password")?;
    // Before anything about the account is known: a refusal must not tell whether the password was right.
    let who = state.limits.who(&asked.caller, &asked.client, email);
    let attempt = state.limits.sign_in(&state.database, &who).await?;
    let checked = find_and_compare(state, asked, store, &who.party()).await;
    let outcome = match &checked {
        Ok(_) => Outcome::Right,
        Err(HttpError::OAuth(OAuthError::CustomerCredentials)) => Outcome::Wrong,
        Err(_) => Outcome::Unknown,
    };
    state.limits.settle(attempt, outcome);
    if outcome == Outcome::Wrong {
        note_refusal(state, asked, email).await;
    }
    checked
}

/// The refusal stands, whether or not it can be written down.
async fn note_refusal(state: &AppState, asked: &TokenRequest, email: &str) {
    let account = state.pepper.account(&asked.client.project, email);
    let (client, mint) = (asked.client.clone(), state.mint.clone());
    let noted = state
        .database
        .write(move |tx| customer_password::note_refusal(tx, &client, &account, &mint))
        .await;
    if let Err(error) = noted {
        log::error!("a refused sign-in is not in the audit trail: {error}");
    }
}

async fn find_and_compare(
    state: &AppState,
    asked: &TokenRequest,
    store: Option<StoreKey>,
    party: &Party,
) -> Result<CheckedCustomer, HttpError> {
    let email = asked.form.required("username")?;
    let password = asked.form.required("password")?;
    // The turn comes before the database: a flood of passwords takes no more connections than there are turns.
    let turn = state.passwords.turn(party).await?;
    let (client, email) = (asked.client.clone(), email.to_owned());
    let found = state
        .database
        .read(move |tx| customer_password::find(tx, &client, store.as_ref(), &email))
        .await?;
    let stored = found
        .as_ref()
        .map(|credentials| credentials.password_hash.clone());
    let new_hash = match turn.verify(password.to_owned(), stored).await? {
        Verdict::Wrong => return Err(OAuthError::CustomerCredentials.into()),
        Verdict::Right => None,
        Verdict::RightButOutdated => Some(turn.hash(password.to_owned()).await?),
    };
    let credentials = found.ok_or(OAuthError::CustomerCredentials)?;
    Ok(CheckedCustomer {
        credentials,
        new_hash,
    })
}

/// The answer with a stored token, and the nonce for the client's next proof where one is required; notes that the client
/// was used.
pub async fn render(
    state: &AppState,
    asked: &TokenRequest,
    token: NewAccessToken,
    refresh_token: Option<String>,
) -> Result<HttpResponse, HttpError> {
    let key = state.signing.key().await?;
    let answer = token
        .answer(&key, refresh_token)
        .map_err(GrantError::from)?;
    state.clients.note_use(&asked.client);
    let mut response = secret(&asked.form);
    if let Some(nonce) = &asked.nonce {
        response.insert_header((NONCE_HEADER, nonce.as_str()));
    }
    Ok(response.json(&answer))
}

fn store_key(text: &str) -> Option<StoreKey> {
    let is_shaped = (2..=256).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    is_shaped.then(|| StoreKey::new(text))
}
