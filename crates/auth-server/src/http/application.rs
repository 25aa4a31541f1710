//! The whole application, the same for `serve` and for tests.

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};
use shared::http::{
    correlation::correlate,
    delivery::{Delivery, deliver},
    lifecycle::close_connections,
    request_metrics::measure,
};

use super::{
    configure, cors, operations, origins::hide_from_foreign_pages, plain_http::refuse_plain_http,
};
use crate::app_state::AppState;

/// What clients reach: routes with everything around them, innermost first.
pub fn application(
    state: web::Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::Data::new(state.metrics.requests.clone()))
        .app_data(web::Data::new(state.draining.clone()))
        // Nothing of this server is large, and nothing of it is compressed: its answers are secrets beside what the client
        // said, and their length would tell about both.
        .app_data(web::Data::new(Delivery::default()))
        .configure(configure)
        .wrap(from_fn(refuse_plain_http))
        .wrap(cors(&state.behaviour))
        .wrap(from_fn(hide_from_foreign_pages))
        .wrap(from_fn(deliver))
        .wrap(from_fn(measure))
        .wrap(from_fn(correlate))
        .wrap(from_fn(close_connections))
        .app_data(state)
}

/// What operators reach.
pub fn admin_application(
    state: web::Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .configure(operations::configure_admin)
        .wrap(from_fn(correlate))
        .app_data(state)
}
