//! Every route of every dialect.

use actix_web::web;
use shared::http::health;

use super::{commercetools, operations};

/// Adds the routes. Dialects with fixed root paths come before the one whose first segment is a project.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/health/alive", web::get().to(health::alive))
        .route("/health/ready", web::get().to(operations::ready));
    commercetools::routes::configure(config);
    config.default_service(web::to(commercetools::routes::not_found));
}
