//! `/customers` beyond the shared life cycle: sign-up by a backend, passwords, one-time tokens, deletion.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{self, Payload},
};
use domain::{
    customer::{Customer, CustomerDraft},
    identity::ids::CustomerId,
    kind::Kind,
    resource::decode_draft,
};
use serde::Deserialize;

use super::{
    errors::ApiError,
    login::sign_in_result,
    render,
    resource_routes::{
        Answer, Codec, Endpoint, LIST_AND_CREATE, Naming, POST, READ_AND_CHANGE, State, at,
        changed, collection, item, update_route, write,
    },
};
use crate::{
    access::Verb,
    error::CommerceError,
    http::extract::{authorized::authorize, json_body, path, query::Parameters},
    service::{
        customers,
        one_time_tokens::{self, Recipient, TokenDraft},
        passwords::{self, PasswordChange},
        sign_up,
    },
    store::customers::Purpose,
};

const ENDPOINT: Endpoint = Endpoint::backend(Kind::Customer);
/// How long a password token is good if the request does not say.
const DEFAULT_PASSWORD_TTL_MINUTES: i64 = 1440;

/// The routes.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    let path = ENDPOINT.collection(prefix);
    config
        .service(
            collection(ENDPOINT, &path, LIST_AND_CREATE).route(web::post().to(sign_up_by_backend)),
        )
        .service(at(&format!("{path}/password"), POST).route(web::post().to(change_password)))
        .service(at(&format!("{path}/password/reset"), POST).route(web::post().to(reset_password)))
        .service(at(&format!("{path}/password-token"), POST).route(web::post().to(password_token)))
        .service(
            at(&format!("{path}/password-token={{token}}"), "GET")
                .route(web::get().to(|state, http| by_token(state, http, Purpose::Password))),
        )
        .service(at(&format!("{path}/email/confirm"), POST).route(web::post().to(confirm_email)))
        .service(at(&format!("{path}/email-token"), POST).route(web::post().to(email_token)))
        .service(
            at(&format!("{path}/email-token={{token}}"), "GET")
                .route(web::get().to(|state, http| by_token(state, http, Purpose::Email))),
        );
    for naming in [Naming::Key, Naming::Id] {
        config.service(
            item(ENDPOINT, &path, naming, READ_AND_CHANGE)
                .route(update_route(ENDPOINT, naming, Codec::<Customer>::backend()))
                .route(web::delete().to(move |state, http| delete(state, http, naming))),
        );
    }
}

async fn body<D: serde::de::DeserializeOwned>(payload: Payload) -> Result<D, ApiError> {
    Ok(decode_draft(json_body::parse(
        &json_body::read(payload).await?,
    )?)?)
}

async fn sign_up_by_backend(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let draft: CustomerDraft = body(payload).await?;
    let result = sign_up::sign_up(&state, &request, draft).await?;
    sign_in_result(StatusCode::CREATED, &result)
}

async fn delete(state: State, http: HttpRequest, naming: Naming) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let parameters = Parameters::parse(http.query_string());
    let erase = parameters.boolean("dataErasure")?.unwrap_or(false);
    let (version, by) = (parameters.version(), naming.of(&http));
    let customer = write(&state, &request, move |tx, state, request| {
        customers::delete(tx, state, request, by.as_by(), version, erase)
    })
    .await?;
    changed(&state, &request, &http, StatusCode::OK, &customer).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangePassword {
    id: String,
    version: i64,
    current_password: String,
    new_password: String,
}

async fn change_password(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: ChangePassword = body(payload).await?;
    let change = PasswordChange {
        customer: CustomerId::new(wanted.id),
        version: wanted.version,
        current: wanted.current_password,
        new: wanted.new_password,
    };
    let customer = passwords::change(&state, &request, change).await?;
    render::resource(StatusCode::OK, &customer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EmailTokenDraft {
    id: String,
    version: Option<i64>,
    ttl_minutes: i64,
    #[serde(default)]
    invalidate_older_tokens: bool,
}

async fn email_token(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: EmailTokenDraft = body(payload).await?;
    let draft = TokenDraft {
        recipient: Recipient::Id(CustomerId::new(wanted.id), wanted.version),
        ttl_minutes: wanted.ttl_minutes,
        invalidate_older: wanted.invalidate_older_tokens,
    };
    let token = write(&state, &request, |tx, state, request| {
        one_time_tokens::create(tx, state, request, Purpose::Email, draft)
    })
    .await?;
    Ok(render::value(StatusCode::OK, &token))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PasswordTokenDraft {
    email: String,
    ttl_minutes: Option<i64>,
    #[serde(default)]
    invalidate_older_tokens: bool,
}

async fn password_token(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: PasswordTokenDraft = body(payload).await?;
    let draft = TokenDraft {
        recipient: Recipient::Email(wanted.email),
        ttl_minutes: wanted.ttl_minutes.unwrap_or(DEFAULT_PASSWORD_TTL_MINUTES),
        invalidate_older: wanted.invalidate_older_tokens,
    };
    let token = write(&state, &request, |tx, state, request| {
        one_time_tokens::create(tx, state, request, Purpose::Password, draft)
    })
    .await?;
    Ok(render::value(StatusCode::OK, &token))
}

async fn by_token(state: State, http: HttpRequest, purpose: Purpose) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::View)).await?;
    let value = path::parameter(&http, "token");
    let asked = request.clone();
    let body = state
        .database
        .read(move |tx| one_time_tokens::find_customer(tx, &asked, purpose, &value))
        .await?;
    Ok(render::stored(StatusCode::OK, body))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfirmEmail {
    pub(super) token_value: String,
    pub(super) version: Option<i64>,
}

async fn confirm_email(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: ConfirmEmail = body(payload).await?;
    confirm_email_with(&state, &request, wanted).await
}

/// Confirms an e-mail address, for backends and shoppers.
pub(super) async fn confirm_email_with(
    state: &State,
    request: &crate::request::RequestContext,
    wanted: ConfirmEmail,
) -> Answer {
    let customer = write(state, request, move |tx, state, request| {
        one_time_tokens::confirm_email(tx, state, request, &wanted.token_value, wanted.version)
    })
    .await?;
    render::resource(StatusCode::OK, &customer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResetPassword {
    pub(super) token_value: String,
    pub(super) new_password: String,
    pub(super) version: Option<i64>,
}

async fn reset_password(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: ResetPassword = body(payload).await?;
    reset_password_with(&state, &request, wanted).await
}

/// Resets a password with a token, for backends and shoppers.
pub(super) async fn reset_password_with(
    state: &State,
    request: &crate::request::RequestContext,
    wanted: ResetPassword,
) -> Answer {
    passwords::check(&wanted.new_password, "newPassword")?;
    let hash = state
        .passwords
        .hash(wanted.new_password)
        .await
        .map_err(CommerceError::from)?;
    let customer = write(state, request, move |tx, state, request| {
        let value = &wanted.token_value;
        one_time_tokens::reset_password(tx, state, request, value, wanted.version, &hash)
    })
    .await?;
    render::resource(StatusCode::OK, &customer)
}
