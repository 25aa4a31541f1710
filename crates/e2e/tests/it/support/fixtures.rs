//! What every shop has: made once per database kind through the public API, then copied for each test.

use commerce_api::{
    error::CommerceError,
    service::{seed, workbench::ShoppingListMigration},
};
use domain::{identity::ids::ProjectKey, money::Currency, project::Project};
use serde_json::{Value, json};
use shared::{
    clock::{Clock as _, SystemClock},
    db::DbError,
};
use testkit::{Template, TestDatabase};

use super::{
    client::{Api, Credentials, number, text},
    servers::{auth_server, commerce_api},
    shop::{ApiClients, PASSWORD, PROJECT, Shop},
};
use auth_server::{grants::clients as administration, model::client_draft::ClientDraft};

const ADMIN: &str = "manage_project:demo manage_api_clients:demo create_anonymous_token:demo \
    introspect_oauth_tokens:demo";
const BACKEND: &str =
    "manage_orders:demo manage_customers:demo manage_shopping_lists:demo view_products:demo";
const MOBILE: &str = "create_anonymous_token:demo view_products:demo manage_my_orders:demo \
    manage_my_profile:demo manage_my_shopping_lists:demo manage_my_payments:demo";

/// An address in Berlin.
pub fn address() -> Value {
    json!({
        "country": "DE", "city": "Berlin", "postalCode": "10115",
        "streetName": "Weg", "streetNumber": "1",
    })
}

/// Fills a database: project, API clients, catalog, stores, Alice and Bob.
pub fn stocked(database: TestDatabase) -> (Template, ApiClients) {
    let clients = project_and_clients(&database);
    let shop = Shop::open(database, clients, ShoppingListMigration::Manual);
    let admin = shop.admin();
    taxes_and_shipping(&admin);
    products(&admin);
    for store in ["de-store", "us-store"] {
        admin.post("/stores", json!({ "key": store })).expect(201);
    }
    for (email, first_name) in [("alice@example.com", "Alice"), ("bob@example.com", "Bob")] {
        let draft = json!({ "email": email, "password": PASSWORD, "firstName": first_name });
        admin.post("/customers", draft).expect(201);
    }
    let clients = shop.clients.clone();
    (shop.close().freeze(), clients)
}

/// What an operator does on the command line before anybody can call.
fn project_and_clients(database: &TestDatabase) -> ApiClients {
    let key = ProjectKey::new(PROJECT);
    let currencies = ["EUR", "USD", "JPY", "KWD"].map(|code| Currency::parse(code).unwrap());
    let project = Project::new(
        PROJECT,
        "Demo",
        currencies.to_vec(),
        ["DE", "US", "JP", "KW"].map(str::to_owned).to_vec(),
        ["en", "de"].map(str::to_owned).to_vec(),
        SystemClock.now(),
    );
    let clock = std::sync::Arc::new(SystemClock);
    let (_auth, auth) = auth_server(
        database.database.clone(),
        clock.clone(),
        ShoppingListMigration::Manual,
    );
    let (_api, api) = commerce_api(
        database.database.clone(),
        clock,
        "http://localhost",
        ShoppingListMigration::Manual,
    );
    let credentials = database.database.write_blocking::<_, DbError>(|tx| {
        auth_server::store::projects::insert_if_missing(tx, &project)?;
        [ADMIN, BACKEND, MOBILE]
            .map(|scope| {
                let draft = json!({ "name": "fixture", "scope": scope }).to_string();
                let draft = ClientDraft::from_json(&key, draft.as_bytes()).expect("a draft");
                let made = administration::create(tx, &auth.mint, &auth.pepper, &key, draft);
                made.map(|(client, secret)| Credentials {
                    id: client.id.to_string(),
                    secret: secret.expect("a secret"),
                })
            })
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    });
    let built_in = database
        .database
        .write_blocking::<_, CommerceError>(|tx| seed::built_in(tx, &api, &key));
    built_in.expect("what every project has");
    let [admin, backend, mobile] = credentials.expect("clients").try_into().expect("three");
    ApiClients {
        admin,
        backend,
        mobile,
    }
}

fn rate(name: &str, country: &str, amount: f64, included: bool) -> Value {
    json!({ "name": name, "country": country, "amount": amount, "includedInPrice": included })
}

fn taxes_and_shipping(admin: &Api) {
    let category = |key: &str, rates: Value| {
        let draft = json!({ "key": key, "name": key, "rates": rates });
        admin.post("/tax-categories", draft).expect(201);
    };
    category(
        "std",
        json!([
            rate("std-de", "DE", 0.19, true),
            rate("std-us", "US", 0.19, false),
            rate("std-jp", "JP", 0.1, true),
            rate("std-kw", "KW", 0.0, true),
        ]),
    );
    category("t12", json!([rate("t12", "DE", 0.12, true)]));
    category("t14", json!([rate("t14", "DE", 0.14, false)]));
    let mut parts = rate("sub", "US", 0.0875, false);
    parts["subRates"] = json!([{ "name": "a", "amount": 0.05 }, { "name": "b", "amount": 0.0375 }]);
    category("sub", json!([parts]));

    let zone = json!({ "key": "de", "name": "de", "locations": [{ "country": "DE" }] });
    admin.post("/zones", zone).expect(201);
    let method = json!({
        "key": "standard", "name": "standard", "isDefault": true,
        "taxCategory": { "typeId": "tax-category", "key": "std" },
        "zoneRates": [{
            "zone": { "typeId": "zone", "key": "de" },
            "shippingRates": [{
                "price": { "currencyCode": "EUR", "centAmount": 490 },
                "freeAbove": { "currencyCode": "EUR", "centAmount": 5000 },
            }],
        }],
    });
    admin.post("/shipping-methods", method).expect(201);
}

fn price(currency: &str, cents: i64, country: Option<&str>) -> Value {
    let mut price = json!({ "value": { "currencyCode": currency, "centAmount": cents } });
    if let Some(country) = country {
        price["country"] = country.into();
    }
    price
}

fn products(admin: &Api) {
    let kind = json!({ "key": "article", "name": "Article", "description": "Things" });
    admin.post("/product-types", kind).expect(201);
    let product = |sku: &str, taxes: &str, prices: Value| {
        let key = sku.to_lowercase();
        let draft = json!({
            "key": key, "name": { "en": sku }, "slug": { "en": key }, "publish": true,
            "productType": { "typeId": "product-type", "key": "article" },
            "taxCategory": { "typeId": "tax-category", "key": taxes },
            "masterVariant": { "sku": sku, "prices": prices },
        });
        admin.post("/products", draft).expect(201);
    };
    product(
        "SKU-1",
        "std",
        json!([
            price("EUR", 1234, Some("DE")),
            price("EUR", 1300, None),
            price("USD", 108, Some("US")),
            price("JPY", 105, Some("JP")),
            price("KWD", 1005, Some("KW")),
        ]),
    );
    product("SKU-2", "std", json!([price("EUR", 1999, None)]));
    product("SKU-14", "t12", json!([price("EUR", 14, None)]));
    product("SKU-25", "t14", json!([price("EUR", 25, None)]));
    product("SKU-1015", "std", json!([price("EUR", 1015, None)]));
    product("SKU-333", "sub", json!([price("USD", 333, None)]));
    let precise = json!({
        "country": "US",
        "value": {
            "type": "highPrecision", "currencyCode": "USD",
            "fractionDigits": 3, "preciseAmount": 1225,
        },
    });
    product("SKU-HP", "std", json!([precise]));
}

/// Gives a product another price for Germany, and publishes it.
#[track_caller]
pub fn price_change(shop: &Shop, sku: &str, cents: i64) {
    let admin = shop.admin();
    let path = format!("/products/key={}", sku.to_lowercase());
    let product = admin.get(&path).expect(200);
    let prices = &product["masterData"]["current"]["masterVariant"]["prices"];
    let german = prices
        .as_array()
        .into_iter()
        .flatten()
        .find(|price| price["country"] == "DE")
        .expect("a price for Germany");
    let actions = json!([
        { "action": "changePrice", "priceId": german["id"], "price": price("EUR", cents, Some("DE")) },
        { "action": "publish" },
    ]);
    admin.update("/products", &product, actions).expect(200);
}

/// Takes a product out of the shop's window.
#[track_caller]
pub fn unpublish(shop: &Shop, sku: &str) {
    let admin = shop.admin();
    let path = format!("/products/key={}", sku.to_lowercase());
    let product = admin.get(&path).expect(200);
    let actions = json!([{ "action": "unpublish" }]);
    admin.update("/products", &product, actions).expect(200);
}

/// Puts units of a product on stock.
#[track_caller]
pub fn with_stock(shop: &Shop, sku: &str, quantity: i64) -> Value {
    let draft = json!({ "sku": sku, "quantityOnStock": quantity });
    shop.admin().post("/inventory", draft).expect(201)
}

/// A type of line items with the field `text`, as custom fields of a line.
#[track_caller]
pub fn engraving(shop: &Shop) -> impl Fn(&str) -> Value {
    let draft = json!({
        "key": "engraving", "name": { "en": "Engraving" }, "resourceTypeIds": ["line-item"],
        "fieldDefinitions": [{
            "name": "text", "label": { "en": "Text" }, "required": false,
            "type": { "name": "String" },
        }],
    });
    let made = shop.admin().post("/types", draft).expect(201);
    let id = text(&made, "/id");
    move |text| json!({ "type": { "typeId": "type", "id": id }, "fields": { "text": text } })
}

/// Sku and quantity of the line items of a cart, in order.
pub fn quantities(cart: &Value) -> Vec<(String, i64)> {
    let lines = cart["lineItems"].as_array().into_iter().flatten();
    lines
        .map(|line| (text(line, "/variant/sku"), number(line, "/quantity")))
        .collect()
}
