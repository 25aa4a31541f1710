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

/// Adds the routes.
pub fn configure(config: &mut web::ServiceConfig) {
    for prefix in [IN_STORE, PROJECT] {
        me::register(config, prefix);
        login::register(config, prefix);
        carts::register(config, prefix);
        orders::register(config, prefix);
        customers::register(config, prefix);
        backend::<ShoppingList>(config, prefix);
    }
    product_projections::register_single(config, IN_STORE);
    product_projections::register(config, PROJECT);
    shipping_methods::register_for_store(config, IN_STORE);
    shipping_methods::register(config, PROJECT);
    products::register(config, PROJECT);
    let handling = Handling {
        update: categories::update,
        delete: categories::delete,
        ..Handling::<Category>::backend()
    };
    register(config, PROJECT, Endpoint::backend(Kind::Category), handling);
    backend::<ProductType>(config, PROJECT);
    backend::<TaxCategory>(config, PROJECT);
    backend::<TypeDefinition>(config, PROJECT);
    backend::<Store>(config, PROJECT);
    backend::<Channel>(config, PROJECT);
    backend::<CustomerGroup>(config, PROJECT);
    backend::<Zone>(config, PROJECT);
    backend::<State>(config, PROJECT);
    backend::<InventoryEntry>(config, PROJECT);
    backend::<Payment>(config, PROJECT);
    custom_objects::register(config, PROJECT);
    let messages = Endpoint::backend(Kind::Message);
    let path = messages.collection(PROJECT);
    config
        .service(collection(messages, &path, READ))
        .service(item(messages, &path, Naming::Id, READ));
    projects::register(config, PROJECT);
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
