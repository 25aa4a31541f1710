//! A small shop, and what shopping there comes to.

mod checkout;
mod decoding;
mod extremes;
mod line_actions;
mod merging;
mod money;
mod oracle;
mod properties;
mod refreshing;
mod settings;

use serde_json::{Value, json};

use crate::{
    cart::{
        Cart, MergeRule, ProductData,
        sign_in::{Outcome, SignInMode, Terms, WhenBlocked, carry_out, choose},
    },
    catalog::{
        channel::Channel, product_type::ProductType, shipping_method::ShippingMethod, store::Store,
        tax_category::TaxCategory, type_definition::TypeDefinition, zone::Zone,
    },
    customer::Customer,
    error::DomainError,
    identity::{
        ids::{AnonymousId, CustomerId},
        principal::Subject,
    },
    product::Product,
    test_world::Surroundings,
    world::{By, World},
};

/// A project with taxes, products, a shipping method, stores and two customers.
pub(crate) struct Shop {
    pub(crate) around: Surroundings,
    pub(crate) alice: Customer,
}

/// `Weg 1, 10115 Berlin`.
pub(crate) fn berlin() -> Value {
    json!({
        "country": "DE", "city": "Berlin", "postalCode": "10115", "streetName": "Weg", "streetNumber": "1"
    })
}

/// `setShippingMethod` with the one that everybody gets.
pub(crate) fn standard_shipping() -> Value {
    json!({
        "action": "setShippingMethod",
        "shippingMethod": { "typeId": "shipping-method", "key": "standard" }
    })
}

fn money(currency: &str, cents: i64) -> Value {
    json!({ "currencyCode": currency, "centAmount": cents })
}

fn rate(country: &str, amount: Value, included: bool) -> Value {
    json!({ "name": format!("{country} tax"), "amount": amount, "includedInPrice": included, "country": country })
}

fn decimal(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

impl Shop {
    pub(crate) fn new() -> Self {
        let mut around = Surroundings::new();
        taxes(&mut around);
        around.created::<ProductType>(json!({
            "key": "plain", "name": "Plain", "description": "Anything"
        }));
        products(&mut around);
        let zone =
            around.created::<Zone>(json!({ "name": "de", "locations": [{ "country": "DE" }] }));
        around.created::<ShippingMethod>(json!({
            "key": "standard", "name": "standard", "isDefault": true, "taxCategory": { "key": "std" },
            "zoneRates": [{ "zone": { "typeId": "zone", "id": zone.id }, "shippingRates": [{
                "price": money("EUR", 490), "freeAbove": money("EUR", 5000)
            }] }]
        }));
        around.created::<Store>(json!({ "key": "de-store" }));
        around.created::<Store>(json!({ "key": "us-store", "countries": [{ "code": "US" }] }));
        around.created::<TypeDefinition>(json!({
            "key": "engraving", "name": { "en": "Engraving" },
            "resourceTypeIds": ["line-item", "order"],
            "fieldDefinitions": [{
                "name": "text", "label": { "en": "Text" }, "required": false,
                "type": { "name": "String" }, "inputHint": "SingleLine"
            }]
        }));
        around.created::<Channel>(json!({ "key": "warehouse", "roles": ["InventorySupply"] }));
        let alice = around
            .created::<Customer>(json!({ "email": "alice@example.com", "password": "secret" }));
        around.acting_for = Subject::Anonymous(AnonymousId::new("phone-123"));
        Self { around, alice }
    }

    /// From now on requests are made for Alice.
    pub(crate) fn sign_alice_in(&mut self) {
        self.around.acting_for = Subject::Customer(CustomerId::new(self.alice.id.as_str()));
    }

    /// From now on requests are made by a back end.
    pub(crate) fn by_backend(&mut self) {
        self.around.acting_for = Subject::Client;
    }

    pub(crate) fn cart(&mut self, draft: Value) -> Cart {
        self.around.created(draft)
    }

    /// A cart in EUR for DE with these skus and quantities.
    pub(crate) fn euro_cart(&mut self, lines: &[(&str, i64)]) -> Cart {
        self.cart(json!({ "currency": "EUR", "country": "DE", "lineItems": drafts(lines) }))
    }

    /// As [`Self::euro_cart`], of Alice.
    pub(crate) fn alices_cart(&mut self, draft: Value) -> Cart {
        let guest = self.around.acting_for.clone();
        self.sign_alice_in();
        let cart = self.cart(draft);
        self.around.acting_for = guest;
        cart
    }

    pub(crate) fn apply(&mut self, cart: &Cart, actions: Value) -> Result<Cart, DomainError> {
        self.around.apply(cart, actions)
    }

    pub(crate) fn applied(&mut self, cart: &Cart, actions: Value) -> Cart {
        self.apply(cart, actions).unwrap()
    }

    pub(crate) fn product(&mut self, sku: &str) -> Product {
        let world: &mut dyn World = &mut self.around.world;
        let found = world.get::<Product>(By::Unique("sku", sku));
        Product::clone(&found.unwrap().unwrap())
    }

    /// Changes a product, published at once.
    pub(crate) fn change_product(&mut self, sku: &str, actions: Value) {
        let product = self.product(sku);
        let guest = std::mem::replace(&mut self.around.acting_for, Subject::Client);
        let changed = self.around.apply(&product, actions).unwrap();
        self.around.acting_for = guest;
        self.around.world.put(&changed);
    }

    /// Gives the first price of a product another value.
    pub(crate) fn reprice(&mut self, sku: &str, price: Value) {
        let product = self.product(sku);
        let id = &product.master_data.current.master_variant.prices[0].id;
        self.change_product(
            sku,
            json!([{ "action": "changePrice", "priceId": id, "price": price, "staged": false }]),
        );
    }

    /// Signs Alice in: the session's carts and her own, newest first.
    pub(crate) fn sign_in(
        &mut self,
        sources: &[&Cart],
        targets: &[&Cart],
        mode: SignInMode,
    ) -> Result<Outcome, DomainError> {
        let plan = choose(sources.iter().copied(), targets.iter().copied(), mode);
        let terms = Terms {
            rule: MergeRule::Max,
            product_data: ProductData::Keep,
            when_blocked: WhenBlocked::KeepTarget,
        };
        let alice = self.alice.clone();
        carry_out(plan, &alice, terms, &mut self.around.context())
    }
}

fn drafts(lines: &[(&str, i64)]) -> Vec<Value> {
    lines
        .iter()
        .map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity }))
        .collect()
}

fn taxes(around: &mut Surroundings) {
    around.created::<TaxCategory>(json!({ "key": "std", "name": "std", "rates": [
        rate("DE", decimal("0.19"), true), rate("US", decimal("0.19"), false),
        rate("JP", decimal("0.10"), true), rate("KW", decimal("0"), true)
    ] }));
    around.created::<TaxCategory>(json!({ "key": "t12", "name": "t12", "rates": [
        rate("DE", decimal("0.12"), true)
    ] }));
    around.created::<TaxCategory>(json!({ "key": "t14", "name": "t14", "rates": [
        rate("DE", decimal("0.14"), false)
    ] }));
    around.created::<TaxCategory>(json!({ "key": "sub", "name": "sub", "rates": [{
        "name": "sub", "amount": decimal("0.0875"), "includedInPrice": false, "country": "US",
        "subRates": [
            { "name": "a", "amount": decimal("0.05") }, { "name": "b", "amount": decimal("0.0375") }
        ]
    }] }));
}

fn products(around: &mut Surroundings) {
    let in_country = |country: &str, value: Value| json!({ "country": country, "value": value });
    let anywhere = |value: Value| json!({ "value": value });
    let fine = json!({
        "type": "highPrecision", "currencyCode": "USD", "fractionDigits": 3, "preciseAmount": 1225
    });
    let list = [
        (
            "SKU-1",
            "std",
            json!([
                in_country("DE", money("EUR", 1234)),
                anywhere(money("EUR", 1300)),
                in_country("US", money("USD", 108)),
                in_country("JP", money("JPY", 105)),
                in_country("KW", money("KWD", 1005))
            ]),
        ),
        ("SKU-2", "std", json!([anywhere(money("EUR", 1999))])),
        ("SKU-14", "t12", json!([anywhere(money("EUR", 14))])),
        ("SKU-25", "t14", json!([anywhere(money("EUR", 25))])),
        ("SKU-1015", "std", json!([anywhere(money("EUR", 1015))])),
        ("SKU-333", "sub", json!([anywhere(money("USD", 333))])),
        ("SKU-HP", "std", json!([in_country("US", fine)])),
        (
            "SKU-T",
            "std",
            json!([{ "value": money("EUR", 1000), "tiers": [
            { "minimumQuantity": 10, "value": money("EUR", 900) }
        ] }]),
        ),
    ];
    for (sku, tax_category, prices) in list {
        around.created::<Product>(json!({
            "productType": { "key": "plain" }, "name": { "en": sku },
            "slug": { "en": sku.to_lowercase() }, "key": sku, "taxCategory": { "key": tax_category },
            "masterVariant": { "sku": sku, "prices": prices }, "publish": true
        }));
    }
}

/// Net, gross and tax of a cart in minor units.
pub(crate) fn taxed(cart: &Cart) -> Option<(i64, i64, i64)> {
    cart.taxed_price.as_ref().map(|taxed| {
        (
            taxed.total_net.cent_amount.get(),
            taxed.total_gross.cent_amount.get(),
            taxed.total_tax.as_ref().unwrap().cent_amount.get(),
        )
    })
}

/// The total of a cart in minor units.
pub(crate) fn total(cart: &Cart) -> i64 {
    cart.total_price.cent_amount.get()
}

/// Sku and quantity of every line.
pub(crate) fn lines(cart: &Cart) -> Vec<(&str, i64)> {
    cart.line_items
        .iter()
        .map(|line| (line.variant.sku.as_deref().unwrap_or("-"), line.quantity))
        .collect()
}

pub(crate) fn is_operation(error: &DomainError) -> bool {
    matches!(error, DomainError::InvalidOperation { .. })
}
