//! `/customers` beyond the shared life cycle: sign-up by a backend, passwords, one-time tokens, deletion.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::{
    customer::{Customer, CustomerDraft},
    identity::ids::CustomerId,
    kind::Kind,
};
use serde::Deserialize;
use shared::http::body::Body;
use shared::http::client_address::Client as Caller;

use super::{
    call::{Answer, Call, State},
    endpoint::{Endpoint, Handling, LIST_AND_CREATE, Naming, POST, READ_AND_CHANGE, at},
    login::sign_in_result,
    render,
    resource_routes::{collection, item},
};
use crate::{
    access::Verb,
    error::CommerceError,
    http::extract::path,
    service::{
        customers,
        one_time_tokens::{self, Recipient, TokenDraft},
        passwords::{self, NewPassword, PasswordChange},
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
                .route(
                    web::post()
                        .to(move |state, http, payload| update(state, http, payload, naming)),
                )
                .route(web::delete().to(move |state, http| delete(state, http, naming))),
        );
    }
}

async fn sign_up_by_backend(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let draft: CustomerDraft = call.draft(payload).await?;
    let result = sign_up::sign_up(&call.state, &call.request, draft, None).await?;
    sign_in_result(call, StatusCode::CREATED, &result).await
}

async fn update(state: State, http: HttpRequest, payload: Body, naming: Naming) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let update = call
        .update(payload, Handling::<Customer>::backend().actions)
        .await?;
    let by = naming.of(&http);
    let customer = customers::update(&call.state, &call.request, by, update).await?;
    call.resource(StatusCode::OK, &customer).await
}

async fn delete(state: State, http: HttpRequest, naming: Naming) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let (deletion, by) = (call.deletion(), naming.of(&http));
    let customer = call
        .write(move |work| customers::delete(work, by.as_by(), deletion))
        .await?;
    call.resource(StatusCode::OK, &customer).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChangePassword {
    id: String,
    version: i64,
    current_password: String,
    new_password: String,
}

async fn change_password(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: ChangePassword = call.draft(payload).await?;
    let change = PasswordChange {
        customer: CustomerId::new(wanted.id),
        version: wanted.version,
        current: wanted.current_password,
        new: wanted.new_password,
        caller: None,
    };
    let customer = passwords::change(&call.state, &call.request, change).await?;
    call.resource(StatusCode::OK, &customer).await
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

async fn email_token(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: EmailTokenDraft = call.draft(payload).await?;
    let draft = TokenDraft {
        recipient: Recipient::Id(CustomerId::new(wanted.id), wanted.version),
        ttl_minutes: wanted.ttl_minutes,
        invalidate_older: wanted.invalidate_older_tokens,
    };
    issue(&call, Purpose::Email, draft).await
}

async fn issue(call: &Call, purpose: Purpose, draft: TokenDraft) -> Answer {
    let token = call
        .write(move |work| one_time_tokens::create(work, purpose, &draft))
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

async fn password_token(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    let wanted: PasswordTokenDraft = call.draft(payload).await?;
    let project = &call.request.project;
    call.state.limits.password_token(project, &wanted.email)?;
    let draft = TokenDraft {
        recipient: Recipient::Email(wanted.email),
        ttl_minutes: wanted.ttl_minutes.unwrap_or(DEFAULT_PASSWORD_TTL_MINUTES),
        invalidate_older: wanted.invalidate_older_tokens,
    };
    issue(&call, Purpose::Password, draft).await
}

async fn by_token(state: State, http: HttpRequest, purpose: Purpose) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::View)).await?;
    let value = path::parameter(&http, "token");
    let body = call
        .read(move |tx, request| one_time_tokens::find_customer(tx, request, purpose, &value))
        .await?;
    call.document(StatusCode::OK, body).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfirmEmail {
    token_value: String,
    version: Option<i64>,
}

async fn confirm_email(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    confirm_email_with(&call, payload).await
}

/// Confirms an e-mail address, for backends and shoppers.
pub(super) async fn confirm_email_with(call: &Call, payload: Body) -> Answer {
    let wanted: ConfirmEmail = call.draft(payload).await?;
    let customer = call
        .write(move |work| {
            one_time_tokens::confirm_email(work, &wanted.token_value, wanted.version)
        })
        .await?;
    call.resource(StatusCode::OK, &customer).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResetPassword {
    token_value: String,
    new_password: String,
    version: Option<i64>,
}

async fn reset_password(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::Manage)).await?;
    reset_password_with(&call, payload, None).await
}

/// Resets a password with a token, for backends, which have no caller, and shoppers.
pub(super) async fn reset_password_with(
    call: &Call,
    payload: Body,
    caller: Option<&Caller>,
) -> Answer {
    let wanted: ResetPassword = call.draft(payload).await?;
    call.valid(passwords::check(&wanted.new_password, "newPassword"))
        .await?;
    // The token is all that is known of the account.
    let who = call
        .state
        .limits
        .who(caller, &call.request, &wanted.token_value);
    call.state.limits.new_password(&who)?;
    let new = NewPassword {
        hash: call
            .state
            .passwords
            .hash(&who.party(), wanted.new_password)
            .await
            .map_err(CommerceError::from)?,
        version: wanted.version,
        reset: true,
    };
    let value = wanted.token_value;
    let customer = call
        .write(move |work| one_time_tokens::reset_password(work, &value, &new))
        .await?;
    call.resource(StatusCode::OK, &customer).await
}
