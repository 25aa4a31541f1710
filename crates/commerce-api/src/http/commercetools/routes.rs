//! Every route of this dialect. Fixed path segments come before parameters: actix takes the first match.

use actix_web::{HttpRequest, web};
use domain::{
    catalog::{
        category::Category, channel::Channel, customer_group::CustomerGroup,
        inventory::InventoryEntry, product_type::ProductType, shipping_method::ShippingMethod,
        state::State, store::Store, tax_category::TaxCategory, type_definition::TypeDefinition,
        zone::Zone,
    },
    kind::Kind,
    payment::Payment,
    product::Product,
    resource::Resource,
    shopping_list::ShoppingList,
};

use super::{
    carts, custom_objects, customers, login, me, orders, product_projections, projects,
    resource_routes::{Answer, Codec, Endpoint, Naming, READ, collection, item, register},
};
use crate::error::CommerceError;

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
        product_projections::register(config, prefix);
    }
    backend::<Product>(config, PROJECT);
    backend::<ProductType>(config, PROJECT);
    backend::<Category>(config, PROJECT);
    backend::<TaxCategory>(config, PROJECT);
    backend::<TypeDefinition>(config, PROJECT);
    backend::<Store>(config, PROJECT);
    backend::<Channel>(config, PROJECT);
    backend::<CustomerGroup>(config, PROJECT);
    backend::<ShippingMethod>(config, PROJECT);
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
    register::<R>(config, prefix, Endpoint::backend(R::KIND), Codec::backend());
}

/// What answers a path that nothing else does.
pub async fn not_found(http: HttpRequest) -> Answer {
    Err(CommerceError::NoSuchPath {
        path: http.path().to_owned(),
    }
    .into())
}
