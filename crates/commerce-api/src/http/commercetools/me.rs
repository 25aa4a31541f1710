//! `/me`: the resources of the token's subject.

use actix_web::{
    HttpRequest,
    http::StatusCode,
    web::{self, Payload},
};
use domain::{
    cart::{Cart, MyCartAction, MyCartDraft, sign_in::SignInMode},
    customer::{Customer, MyCustomerAction, MyCustomerDraft},
    identity::principal::Subject,
    kind::Kind,
    payment::{MyPaymentAction, MyPaymentDraft, Payment},
    resource::decode_draft,
    shopping_list::{MyShoppingListAction, MyShoppingListDraft, ShoppingList},
};
use serde::Deserialize;

use super::{
    carts,
    customers::{ConfirmEmail, ResetPassword, confirm_email_with, reset_password_with},
    login::sign_in_result,
    orders, render,
    resource_routes::{
        Answer, Codec, Endpoint, Naming, POST, State, at, changed, collection_with_create,
        expanded, item_with_changes, register as register_resource, write,
    },
};
use crate::{
    access::{Audience, MY_PROFILE, Permission},
    error::CommerceError,
    http::extract::{authorized::authorize, json_body, query::Parameters},
    request::RequestContext,
    service::{
        customers as customer_service,
        passwords::{self, PasswordChange},
        resources::{self, OwnedBy},
        sign_in::{self, Credentials, SignIn},
        sign_up,
    },
};

const PROFILE: Permission = Permission {
    any_of: MY_PROFILE,
    audience: Audience::CustomerOnly,
};
const VISITOR: Permission = Permission {
    any_of: MY_PROFILE,
    audience: Audience::Visitor,
};

/// The routes.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    config
        .service(at(&format!("{prefix}/me/signup"), POST).route(web::post().to(signup)))
        .service(at(&format!("{prefix}/me/login"), POST).route(web::post().to(login)))
        .service(at(&format!("{prefix}/me/password"), POST).route(web::post().to(change_password)))
        .service(
            at(&format!("{prefix}/me/password/reset"), POST).route(web::post().to(reset_password)),
        )
        .service(
            at(&format!("{prefix}/me/email/confirm"), POST).route(web::post().to(confirm_email)),
        );
    carts::register_mine(config, prefix);
    orders::register_mine(config, prefix);
    register_lists_and_payments(config, prefix);
    config.service(
        at(&format!("{prefix}/me"), "GET, POST, DELETE")
            .route(web::get().to(get))
            .route(web::post().to(update))
            .route(web::delete().to(delete)),
    );
}

fn register_lists_and_payments(config: &mut web::ServiceConfig, prefix: &str) {
    register_resource::<ShoppingList>(
        config,
        prefix,
        Endpoint::shopper(Kind::ShoppingList),
        Codec::shopper::<MyShoppingListDraft, MyShoppingListAction>(),
    );
    let payments = Endpoint::shopper(Kind::Payment);
    let path = payments.collection(prefix);
    let codec = Codec::<Payment>::shopper::<MyPaymentDraft, MyPaymentAction>();
    config
        .service(collection_with_create(payments, &path, codec))
        .service(item_with_changes(payments, &path, Naming::Id, codec));
}

/// What shoppers may send to carts.
pub(super) fn cart_codec() -> Codec<Cart> {
    Codec::shopper::<MyCartDraft, MyCartAction>()
}

fn own_id(request: &RequestContext) -> Result<OwnedBy, CommerceError> {
    let customer = request.customer().ok_or(CommerceError::SubjectMissing {
        accepted: &["customer_id"],
    })?;
    Ok(OwnedBy::Id(customer.as_str().to_owned()))
}

async fn get(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, PROFILE).await?;
    let by = own_id(&request)?;
    let body = resources::read(&state, &request, Kind::Customer, by).await?;
    expanded(&state, &request, &http, StatusCode::OK, body).await
}

async fn update(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, PROFILE).await?;
    let codec = Codec::<Customer>::shopper::<MyCustomerDraft, MyCustomerAction>();
    let update = json_body::parse_update(&json_body::read(payload).await?, codec.actions);
    let by = own_id(&request)?;
    let customer: Customer = write(&state, &request, move |tx, state, request| {
        resources::update(tx, state, request, by.as_by(), update)
    })
    .await?;
    changed(&state, &request, &http, StatusCode::OK, &customer).await
}

async fn delete(state: State, http: HttpRequest) -> Answer {
    let request = authorize(&state, &http, PROFILE).await?;
    let version = Parameters::parse(http.query_string()).version();
    let by = own_id(&request)?;
    let customer = write(&state, &request, move |tx, state, request| {
        customer_service::delete(tx, state, request, by.as_by(), version, false)
    })
    .await?;
    render::resource(StatusCode::OK, &customer)
}

async fn signup(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, VISITOR).await?;
    let draft: MyCustomerDraft = decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let result = sign_up::sign_up(&state, &request, draft.into()).await?;
    sign_in_result(StatusCode::CREATED, &result)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MyCustomerSignin {
    email: String,
    password: String,
    #[serde(default)]
    active_cart_sign_in_mode: SignInMode,
    #[serde(default)]
    update_product_data: bool,
}

async fn login(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, VISITOR).await?;
    let wanted: MyCustomerSignin =
        decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let guest = match &request.acting_for {
        Subject::Anonymous(id) => Some(id.clone()),
        Subject::Customer(_) | Subject::Client => None,
    };
    let sign_in = SignIn {
        guest,
        cart: None,
        mode: wanted.active_cart_sign_in_mode,
        update_product_data: wanted.update_product_data,
    };
    let credentials = Credentials {
        email: wanted.email,
        password: wanted.password,
    };
    let result = sign_in::sign_in(&state, &request, credentials, sign_in).await?;
    sign_in_result(StatusCode::OK, &result)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MyPasswordChange {
    version: i64,
    current_password: String,
    new_password: String,
}

async fn change_password(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, PROFILE).await?;
    let wanted: MyPasswordChange =
        decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    let customer = request.customer().ok_or(CommerceError::SubjectMissing {
        accepted: &["customer_id"],
    })?;
    let change = PasswordChange {
        customer,
        version: wanted.version,
        current: wanted.current_password,
        new: wanted.new_password,
    };
    let customer = passwords::change(&state, &request, change).await?;
    render::resource(StatusCode::OK, &customer)
}

async fn reset_password(state: State, http: HttpRequest, payload: Payload) -> Answer {
    // The token's value is the proof: any subject may present it.
    let request = authorize(&state, &http, VISITOR).await?;
    let wanted: ResetPassword = decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    reset_password_with(&state, &request, wanted).await
}

async fn confirm_email(state: State, http: HttpRequest, payload: Payload) -> Answer {
    let request = authorize(&state, &http, VISITOR).await?;
    let wanted: ConfirmEmail = decode_draft(json_body::parse(&json_body::read(payload).await?)?)?;
    confirm_email_with(&state, &request, wanted).await
}
