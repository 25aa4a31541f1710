//! `/shipping-methods` beyond the shared life cycle: those that match a cart or a place.

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use domain::{
    catalog::{shipping_method::ShippingMethod, zone::Location},
    error::DomainError,
    kind::Kind,
    money::Currency,
};

use super::{
    call::{Answer, Call, State},
    endpoint::{Endpoint, Handling, READ, at},
    render,
    resource_routes::register as register_resource,
};
use crate::{
    access::{MATCHING_A_CART, Verb},
    error::CommerceError,
    http::extract::query::{MAX_LIMIT, Parameters},
    service::{listing::Query, matching_shipping_methods, shipping_methods},
    store::listing::Page,
};

const ENDPOINT: Endpoint = Endpoint::backend(Kind::ShippingMethod);

/// The routes of a whole project.
pub fn register(config: &mut web::ServiceConfig, prefix: &str) {
    register_for_store(config, prefix);
    let path = ENDPOINT.collection(prefix);
    config
        .service(
            at(&format!("{path}/matching-cart-location"), READ)
                .route(web::get().to(matching_cart_at_location))
                .route(web::head().to(matching_cart_at_location)),
        )
        .service(
            at(&format!("{path}/matching-location"), READ)
                .route(web::get().to(matching_location))
                .route(web::head().to(matching_location)),
        );
    let handling = Handling {
        create: shipping_methods::create,
        update: shipping_methods::update,
        ..Handling::<ShippingMethod>::backend()
    };
    register_resource(config, prefix, ENDPOINT, handling);
}

/// The one route there is below a store, too.
pub fn register_for_store(config: &mut web::ServiceConfig, prefix: &str) {
    let path = ENDPOINT.collection(prefix);
    config.service(
        at(&format!("{path}/matching-cart"), READ)
            .route(web::get().to(matching_cart))
            .route(web::head().to(matching_cart)),
    );
}

async fn matching_cart(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, MATCHING_A_CART).await?;
    let cart = call.valid(required(&call.parameters, "cartId")).await?;
    let methods = call
        .ask(move |tx, state, request| {
            matching_shipping_methods::for_cart(tx, state, request, &cart, None)
        })
        .await?;
    answer(&call, &http, &methods).await
}

async fn matching_cart_at_location(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, MATCHING_A_CART).await?;
    let cart = call.valid(required(&call.parameters, "cartId")).await?;
    let place = call.valid(location(&call.parameters)).await?;
    let methods = call
        .ask(move |tx, state, request| {
            matching_shipping_methods::for_cart(tx, state, request, &cart, Some(place))
        })
        .await?;
    answer(&call, &http, &methods).await
}

async fn matching_location(state: State, http: HttpRequest) -> Answer {
    let call = Call::begin(state, &http, ENDPOINT.permission(Verb::View)).await?;
    let place = call.valid(location(&call.parameters)).await?;
    let currency = call.valid(currency(&call.parameters)).await?;
    let methods = call
        .ask(move |tx, state, request| {
            matching_shipping_methods::for_location(tx, state, request, &place, currency)
        })
        .await?;
    answer(&call, &http, &methods).await
}

fn required(parameters: &Parameters, name: &str) -> Result<String, DomainError> {
    parameters
        .last(name)
        .map(str::to_owned)
        .ok_or_else(|| DomainError::input(format!("Missing required parameter: {name}")))
}

fn location(parameters: &Parameters) -> Result<Location, DomainError> {
    Ok(Location {
        country: required(parameters, "country")?,
        state: parameters.last("state").map(str::to_owned),
    })
}

fn currency(parameters: &Parameters) -> Result<Option<Currency>, DomainError> {
    let Some(code) = parameters.last("currency") else {
        return Ok(None);
    };
    Currency::parse(code).map(Some).ok_or_else(|| {
        DomainError::input(format!(
            "Malformed parameter: currency: `{code}` is no currency code of ISO 4217"
        ))
    })
}

/// All of them on one page: a project has few.
async fn answer(call: &Call, http: &HttpRequest, methods: &[ShippingMethod]) -> Answer {
    if http.method() == Method::HEAD {
        return Ok(HttpResponse::Ok().finish());
    }
    let bodies: Result<Vec<String>, CommerceError> = methods.iter().map(render::json).collect();
    let query = Query {
        limit: MAX_LIMIT,
        ..Query::default()
    };
    let page = Page {
        bodies: bodies?,
        total: i64::try_from(methods.len()).ok(),
        hold: None,
    };
    call.page(&query, page).await
}
