//! Every route of this dialect. Fixed path segments come before parameters: actix takes the first match.

use actix_web::{HttpRequest, web};
use domain::{
    catalog::{
        category::Category, channel::Channel, customer_group::CustomerGroup,
        inventory::InventoryEntry, product_type::ProductType, state::State, store::Store,
        tax_category::TaxCategory, type_definition::TypeDefinition, zone::Zone,
    },
    kind::Kind,
    payment::Payment,
    resource::Resource,
    shopping_list::ShoppingList,
};

use super::{
    call::Answer,
    carts, custom_objects, customers,
    endpoint::{Endpoint, Handling, Naming, READ},
    login, me, orders, product_projections, products, projects,
    resource_routes::{collection, item, register},
    shipping_methods,
};
use crate::{error::CommerceError, service::categories};

const PROJECT: &str = "/{project}";
const IN_STORE: &str = "/{project}/in-store/key={store}";
/// Paths in a scope begin where its prefix ends.
const BELOW: &str = "";

/// Adds the routes.
///
/// In scopes, because actix tries one pattern after the other: a request is held against each prefix once, and only then
/// against what is below it. Without them a quarter of the processor time of a small read went into a hundred regular
/// expressions.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::scope(IN_STORE).configure(below_store))
        .service(web::scope(PROJECT).configure(below_project));
}

fn below_store(config: &mut web::ServiceConfig) {
    below_both(config);
    product_projections::register_single(config, BELOW);
    shipping_methods::register_for_store(config, BELOW);
}

fn below_both(config: &mut web::ServiceConfig) {
    me::register(config, BELOW);
    login::register(config, BELOW);
    carts::register(config, BELOW);
    orders::register(config, BELOW);
    customers::register(config, BELOW);
    backend::<ShoppingList>(config, BELOW);
}

fn below_project(config: &mut web::ServiceConfig) {
    below_both(config);
    product_projections::register(config, BELOW);
    shipping_methods::register(config, BELOW);
    products::register(config, BELOW);
    let handling = Handling {
        update: categories::update,
        delete: categories::delete,
        ..Handling::<Category>::backend()
    };
    register(config, BELOW, Endpoint::backend(Kind::Category), handling);
    backend::<ProductType>(config, BELOW);
    backend::<TaxCategory>(config, BELOW);
    backend::<TypeDefinition>(config, BELOW);
    backend::<Store>(config, BELOW);
    backend::<Channel>(config, BELOW);
    backend::<CustomerGroup>(config, BELOW);
    backend::<Zone>(config, BELOW);
    backend::<State>(config, BELOW);
    backend::<InventoryEntry>(config, BELOW);
    backend::<Payment>(config, BELOW);
    custom_objects::register(config, BELOW);
    let messages = Endpoint::backend(Kind::Message);
    let path = messages.collection(BELOW);
    config
        .service(collection(messages, &path, READ))
        .service(item(messages, &path, Naming::Id, READ));
    projects::register(config, BELOW);
}

fn backend<R: Resource>(config: &mut web::ServiceConfig, prefix: &str) {
    register::<R>(
        config,
        prefix,
        Endpoint::backend(R::KIND),
        Handling::backend(),
    );
}

/// What answers a path that nothing else does.
pub async fn not_found(http: HttpRequest) -> Answer {
    Err(CommerceError::NoSuchPath {
        path: http.path().to_owned(),
    }
    .into())
}
