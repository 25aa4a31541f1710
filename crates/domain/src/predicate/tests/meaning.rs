//! What a predicate selects.

use serde_json::json;

use super::{
    super::{Table, Variables, parse, resolve_in},
    cart, matches, matches_with,
};
use crate::kind::Kind;

#[test]
fn all_of_an_inner_predicate_must_hold_for_one_element() {
    let first = "lineItems(variant(sku=\"SKU-1\") and quantity > 5)";
    let second = "lineItems(variant(sku=\"SKU-2\") and quantity > 5)";
    assert!(!matches(Kind::Cart, first, &cart()));
    assert!(matches(Kind::Cart, second, &cart()));
    let deep = "lineItems(variant(attributes(name=\"color\" and value(key=\"red\"))))";
    assert!(matches(Kind::Cart, deep, &cart()));
}

#[test]
fn variables_take_the_type_of_their_field() {
    let ids: &[(&str, &[&str])] = &[("ids", &["a", "b"]), ("unused", &["x"])];
    assert!(matches_with(Kind::Cart, "id in :ids", ids, &cart()));
    assert!(!matches_with(Kind::Cart, "id not in :ids", ids, &cart()));
    let pair: &[(&str, &[&str])] = &[("x", &["z"]), ("y", &["a"])];
    assert!(matches_with(Kind::Cart, "id in (:x, :y)", pair, &cart()));
    let number: &[(&str, &[&str])] = &[("n", &["2468.0"])];
    assert!(matches_with(
        Kind::Cart,
        "totalPrice(centAmount = :n)",
        number,
        &cart()
    ));
    for (field, value) in [
        ("points", "12"),
        ("vip", "true"),
        ("loyalty-id", "x"),
        ("tags", "b"),
    ] {
        let predicate = format!("custom(fields(`{field}` = :v))");
        assert!(
            matches_with(Kind::Cart, &predicate, &[("v", &[value])], &cart()),
            "{field}"
        );
        assert!(
            !matches_with(Kind::Cart, &predicate, &[("v", &["other"])], &cart()),
            "{field}"
        );
    }
}

#[test]
fn operators_select_what_they_say() {
    for holds in [
        "customerId is not defined and not (country = \"US\")",
        "cartState in (\"Active\", \"Frozen\")",
        "totalPrice(centAmount >= 2468 and currencyCode = \"EUR\")",
        "createdAt > \"2020-01-01T00:00:00.000Z\"",
        "createdAt = \"2026-01-31T10:15:00+01:00\"",
        "lastModifiedAt > createdAt_",
        "custom(fields(`loyalty-id` = \"x\"))",
        "custom(fields(tags contains all (\"b\", \"a\")))",
        "custom(fields(tags contains any (\"z\", \"a\")))",
        "custom(fields(limit(centAmount < 100.5)))",
        "custom(type(id = \"t\"))",
        "store(key = \"de\")",
        "customLineItems is empty and lineItems is not empty",
        "version <> 4 and version <= 3",
    ] {
        let holds = holds.replace("createdAt_", "\"2026-01-31T09:15:00.006Z\"");
        assert!(matches(Kind::Cart, &holds, &cart()), "{holds}");
        let opposite = format!("not({holds})");
        assert!(!matches(Kind::Cart, &opposite, &cart()), "{opposite}");
    }
}

#[test]
fn a_missing_field_is_unequal_to_everything() {
    let bare = json!({ "id": "a", "customerId": null });
    for holds in [
        "customerId != \"x\"",
        "customerId not in (\"x\")",
        "not(customerId = \"x\")",
        "customerId is not defined",
        "totalPrice(centAmount != 5)",
        "custom(fields(limit(centAmount != 5)))",
        "custom(fields(limit(centAmount is not defined)))",
    ] {
        assert!(matches(Kind::Cart, holds, &bare), "{holds}");
    }
    for fails in [
        "customerId = \"x\"",
        "customerId < \"x\"",
        "customerId >= \"\"",
        "customerId in (\"x\")",
        "customerId is defined",
        "lineItems is empty",
        "lineItems is not empty",
        "lineItems(quantity != 5)",
        "custom(fields(tags contains all (\"a\")))",
    ] {
        assert!(!matches(Kind::Cart, fails, &bare), "{fails}");
    }
}

#[test]
fn arrays_of_texts_compare_by_element() {
    let customer = json!({ "email": "Guest@Example.com", "shippingAddressIds": ["a", "b"] });
    for (predicate, expected) in [
        ("shippingAddressIds = \"b\"", true),
        ("shippingAddressIds = \"c\"", false),
        ("shippingAddressIds != \"c\"", true),
        ("shippingAddressIds != \"b\"", false),
        ("shippingAddressIds in (\"c\", \"a\")", true),
        ("shippingAddressIds contains all (\"a\", \"c\")", false),
        ("email = \"guest@example.com\"", false),
        ("lowercaseEmail = \"guest@example.com\"", true),
        ("lowercaseEmail in (\"guest@example.com\")", true),
    ] {
        assert_eq!(
            matches(Kind::Customer, predicate, &customer),
            expected,
            "{predicate}"
        );
    }
}

#[test]
fn variants_count_the_master_in() {
    let data = json!({ "masterVariant": { "id": 1, "sku": "M" }, "variants": [{ "id": 2, "sku": "V" }],
        "slug": { "en": "hat" } });
    let product =
        json!({ "id": "p", "masterData": { "published": true, "current": data, "staged": {} } });
    for (predicate, expected) in [
        ("masterData(current(variants(sku = \"M\")))", true),
        (
            "masterData(current(variants(sku = \"V\" and id = 2)))",
            true,
        ),
        (
            "masterData(current(variants(sku = \"M\" and id = 2)))",
            false,
        ),
        ("masterData(staged(variants(id > 0)))", false),
        ("masterData(current(slug(en = \"hat\")))", true),
    ] {
        assert_eq!(
            matches(Kind::Product, predicate, &product),
            expected,
            "{predicate}"
        );
    }
    let projected = |predicate: &str, staged| {
        let parsed = parse(predicate).unwrap();
        let table = Table::product_projection(staged);
        resolve_in(&parsed, table, &Variables::new())
            .unwrap()
            .evaluate(&product)
    };
    let predicate =
        "id = \"p\" and published = true and slug(en = \"hat\") and variants(sku = \"M\")";
    assert!(projected(predicate, false));
    assert!(!projected(predicate, true));
}

#[test]
fn a_circle_holds_what_is_near() {
    let channel = json!({ "geoLocation": { "type": "Point", "coordinates": [13.3777, 52.5163] },
        "roles": ["Primary"] });
    for (predicate, expected) in [
        (
            "geoLocation within circle(13.37770, 52.51627, 1000.0)",
            true,
        ),
        ("geoLocation within circle(13.3777, 52.5163, 0)", true),
        (
            "geoLocation within circle(52.51627, 13.37770, 1000.0)",
            false,
        ),
        // Munich is 504 km away.
        ("geoLocation within circle(11.5755, 48.1374, 503000)", false),
        ("geoLocation within circle(11.5755, 48.1374, 505000)", true),
        ("geoLocation within circle(11.5755, 48.1374, -1)", false),
        (
            "geoLocation within circle(-166.6223, -52.5163, 20020000)",
            true,
        ),
        (
            "geoLocation is defined and geoLocation(type = \"Point\")",
            true,
        ),
        (
            "roles contains any (\"InventorySupply\", \"Primary\")",
            true,
        ),
    ] {
        assert_eq!(
            matches(Kind::Channel, predicate, &channel),
            expected,
            "{predicate}"
        );
    }
}

#[test]
fn text_in_values_stays_text() {
    let hostile = "x' OR '1'='1\"; DROP TABLE carts;-- %_";
    let cart = json!({ "id": "a", "country": hostile });
    let variables: &[(&str, &[&str])] = &[("c", &[hostile])];
    assert!(matches_with(Kind::Cart, "country = :c", variables, &cart));
    assert!(!matches_with(
        Kind::Cart,
        "country = \"x\"",
        variables,
        &cart
    ));
}

#[test]
fn instants_in_custom_fields_may_be_written_in_any_way() {
    let mut document = cart();
    document["custom"]["fields"]["due"] = json!("2026-01-01T00:00:00.000Z");
    document["custom"]["fields"]["note"] = json!("2026-01-01T00:00:00Z");
    document["custom"]["fields"]["days"] = json!(["2026-01-01T00:00:00.000Z"]);
    for holds in [
        "due = \"2026-01-01T00:00:00Z\"",
        "due = \"2026-01-01T01:00:00+01:00\"",
        "due in (\"x\", \"2026-01-01T00:00:00Z\")",
        "due >= \"2026-01-01T00:00:00Z\"",
        "due > \"2026-01-01T00:00:00+01:00\"",
        "days contains all (\"2026-01-01T00:00:00Z\")",
        "days contains any (\"2026-01-01T00:00:00Z\")",
        "note = \"2026-01-01T00:00:00Z\"",
    ] {
        let predicate = format!("custom(fields({holds}))");
        assert!(matches(Kind::Cart, &predicate, &document), "{holds}");
    }
    for fails in [
        "due != \"2026-01-01T00:00:00Z\"",
        "due < \"2026-01-01T00:30:00+01:00\"",
        "due = \"2026-01-01\"",
    ] {
        let predicate = format!("custom(fields({fails}))");
        assert!(!matches(Kind::Cart, &predicate, &document), "{fails}");
    }
    let variable: &[(&str, &[&str])] = &[("due", &["2026-01-01T00:00:00Z"])];
    for holds in ["due = :due", "due in :due", "due <= :due"] {
        let predicate = format!("custom(fields({holds}))");
        assert!(
            matches_with(Kind::Cart, &predicate, variable, &document),
            "{holds}"
        );
    }
}
