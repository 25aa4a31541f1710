//! How many elements the lists of a document may have.
//!
//! The vendor documents 500 line items in a cart, 250 in a shopping list, and 100 variants, prices, channels. Where it
//! documents nothing the numbers are beyond what a shop needs, and there is one for every list.

use crate::kind::Kind;

/// A list without a number of its own.
pub(super) const MAX_ELEMENTS: usize = 10_000;

/// The limit of one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListLimit {
    /// What its elements are called in an error; `None` stands for the place of the list.
    pub name: Option<&'static str>,
    /// Most elements.
    pub elements: usize,
}

const ANY: ListLimit = ListLimit {
    name: None,
    elements: MAX_ELEMENTS,
};

/// No limit but the size of the document: the shop's own data.
const FREE: ListLimit = ListLimit {
    name: None,
    elements: usize::MAX,
};

/// The limit of the list at a path of member names, such as `returnInfo.items`.
pub(super) fn limit_of(kind: Kind, path: &str) -> ListLimit {
    if kind == Kind::CustomObject || is_free_data(path) {
        return FREE;
    }
    let name = path.rsplit('.').next().unwrap_or_default();
    match kind {
        Kind::Cart | Kind::Order => checkout(name),
        Kind::Customer => customer(name),
        Kind::ShoppingList => shopping_list(name),
        Kind::Payment => payment(name),
        Kind::Product => product(name),
        Kind::Category if name == "assets" => named("assets", 500),
        _ => ANY,
    }
}

/// Custom fields and attributes: lists in there have the names that the shop gave them.
fn is_free_data(path: &str) -> bool {
    let mut above = path.split('.').rev().skip(1);
    above.any(|name| matches!(name, "custom" | "attributes"))
}

const fn named(name: &'static str, elements: usize) -> ListLimit {
    ListLimit {
        name: Some(name),
        elements,
    }
}

fn checkout(name: &str) -> ListLimit {
    match name {
        "lineItems" => named("line items", 500),
        "customLineItems" => named("custom line items", 500),
        "itemShippingAddresses" => named("item shipping addresses", 500),
        "targets" => named("shipping targets of an item", 500),
        "payments" => named("payments", 100),
        "state" => named("states of an item", 100),
        "returnInfo" => named("returns", 500),
        "deliveries" => named("deliveries", 500),
        "parcels" => named("parcels of a delivery", 500),
        "items" => named("items", 1_000),
        "syncInfo" => named("synchronizations", 100),
        "subRates" | "taxPortions" => named("tax portions", 100),
        _ => ANY,
    }
}

fn customer(name: &str) -> ListLimit {
    match name {
        "addresses" => named("addresses", 1_000),
        "stores" => named("stores", 500),
        _ => ANY,
    }
}

fn shopping_list(name: &str) -> ListLimit {
    match name {
        "lineItems" => named("line items", 250),
        "textLineItems" => named("text line items", 250),
        _ => ANY,
    }
}

fn payment(name: &str) -> ListLimit {
    match name {
        "transactions" => named("transactions", 500),
        "interfaceInteractions" => named("interface interactions", 1_000),
        _ => ANY,
    }
}

fn product(name: &str) -> ListLimit {
    match name {
        "prices" => named("prices of a variant", 100),
        "images" => named("images of a variant", 500),
        "assets" => named("assets of a variant", 500),
        "categories" => named("categories", 500),
        _ => ANY,
    }
}
