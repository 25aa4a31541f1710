//! `/me`: the resources of the token's subject.

use actix_web::{HttpRequest, http::StatusCode, web};
use domain::{
    cart::{Cart, MyCartAction, MyCartDraft, sign_in::SignInMode},
    customer::{Customer, MyCustomerAction, MyCustomerDraft},
    identity::principal::Subject,
    kind::Kind,
    payment::{MyPaymentAction, MyPaymentDraft, Payment},
    shopping_list::{MyShoppingListAction, MyShoppingListDraft, ShoppingList},
};
use serde::Deserialize;
use shared::http::body::Body;

use super::{
    call::{Answer, Call, State},
    carts,
    customers::{confirm_email_with, reset_password_with},
    endpoint::{Endpoint, Handling, Naming, POST, at},
    login::sign_in_result,
    orders,
    resource_routes::{collection_with_create, item_with_changes, register as register_resource},
};
use crate::{
    access::{Audience, MY_PROFILE, Permission},
    error::CommerceError,
    request::RequestContext,
    service::{
        customers as customer_service,
        passwords::{self, PasswordChange},
        resources::{self, Deletion, OwnedBy},
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
        Handling::shopper::<MyShoppingListDraft, MyShoppingListAction>(),
    );
    let payments = Endpoint::shopper(Kind::Payment);
    let path = payments.collection(prefix);
    let handling = Handling::<Payment>::shopper::<MyPaymentDraft, MyPaymentAction>();
    config
        .service(collection_with_create(payments, &path, handling))
        .service(item_with_changes(payments, &path, Naming::Id, handling));
}

/// What shoppers may send to carts.
pub(super) fn cart_handling() -> Handling<Cart> {
    Handling::shopper::<MyCartDraft, MyCartAction>()
}

fn own_id(request: &RequestContext) -> Result<OwnedBy, CommerceError> {
    let customer = request.customer().ok_or(CommerceError::SubjectMissing {
        accepted: &["customer_id"],
    })?;
    Ok(OwnedBy::Id(customer.as_str().to_owned()))
}

async fn get(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, PROFILE).await?;
    let by = own_id(&call.request)?;
    let body = resources::read(&call.state, &call.request, Kind::Customer, by).await?;
    call.document(StatusCode::OK, body).await
}

async fn update(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, PROFILE).await?;
    let actions = Handling::<Customer>::shopper::<MyCustomerDraft, MyCustomerAction>().actions;
    let update = call.update(payload, actions).await?;
    let by = own_id(&call.request)?;
    let customer = call
        .write(move |work| customer_service::update_own(work, by.as_by(), update))
        .await?;
    call.resource(StatusCode::OK, &customer).await
}

async fn delete(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, PROFILE).await?;
    // What messages are kept is for the shop to say.
    let deletion = call.deletion().map(|wanted| Deletion {
        erase: false,
        ..wanted
    });
    let by = own_id(&call.request)?;
    let customer = call
        .write(move |work| customer_service::delete(work, by.as_by(), deletion))
        .await?;
    call.resource(StatusCode::OK, &customer).await
}

async fn signup(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, VISITOR).await?;
    let draft: MyCustomerDraft = call.draft(payload).await?;
    let caller = Some(call.caller);
    let result = sign_up::sign_up(&call.state, &call.request, draft.into(), caller).await?;
    sign_in_result(call, StatusCode::CREATED, &result).await
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

async fn login(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, VISITOR).await?;
    let wanted: MyCustomerSignin = call.draft(payload).await?;
    let guest = match &call.request.acting_for {
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
        caller: Some(call.caller),
    };
    let result = sign_in::sign_in(&call.state, &call.request, credentials, sign_in).await?;
    sign_in_result(call, StatusCode::OK, &result).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MyPasswordChange {
    version: i64,
    current_password: String,
    new_password: String,
}

async fn change_password(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, PROFILE).await?;
    let wanted: MyPasswordChange = call.draft(payload).await?;
    let customer = call
        .request
        .customer()
        .ok_or(CommerceError::SubjectMissing {
            accepted: &["customer_id"],
        })?;
    let change = PasswordChange {
        customer,
        version: wanted.version,
        current: wanted.current_password,
        new: wanted.new_password,
        caller: Some(call.caller),
    };
    let customer = passwords::change(&call.state, &call.request, change).await?;
    call.resource(StatusCode::OK, &customer).await
}

async fn reset_password(state: State, http: HttpRequest, payload: Body) -> Answer {
    // The token's value is the proof: any subject may present it.
    let call = Call::begin(state, &http, VISITOR).await?;
    reset_password_with(&call, payload, Some(&call.caller)).await
}

async fn confirm_email(state: State, http: HttpRequest, payload: Body) -> Answer {
    let call = Call::begin(state, &http, VISITOR).await?;
    confirm_email_with(&call, payload).await
}
