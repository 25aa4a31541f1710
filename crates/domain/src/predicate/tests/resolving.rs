//! What fits which resource.

use super::{
    super::{Variables, parse, resolve},
    refusal, refusal_with,
};
use crate::kind::Kind;

#[test]
fn unknown_fields_are_named() {
    assert_eq!(
        refusal(Kind::Cart, "foo=\"x\""),
        "Malformed parameter: where: The field 'foo' does not exist."
    );
    assert_eq!(
        refusal(Kind::Cart, "lineItems(variant(foo is defined))"),
        "Malformed parameter: where: The field 'lineItems.variant.foo' does not exist."
    );
    assert_eq!(
        refusal(Kind::Order, "cartState=\"Active\""),
        "Malformed parameter: where: The field 'cartState' does not exist."
    );
    assert_eq!(
        refusal(Kind::Cart, "`*` is defined"),
        "Malformed parameter: where: The field '*' does not exist."
    );
    assert_eq!(
        refusal(Kind::Category, "name(`e\"n`=\"x\")"),
        "Malformed parameter: where: The field name 'e\"n' cannot be queried."
    );
}

#[test]
fn expressions_must_fit_the_type() {
    for (kind, predicate, field) in [
        (Kind::Cart, "id = 5", "id"),
        (Kind::Cart, "version = \"5\"", "version"),
        (Kind::Cart, "totalPrice = 5", "totalPrice"),
        (Kind::Cart, "totalPrice is empty", "totalPrice"),
        (Kind::Cart, "lineItems = \"a\"", "lineItems"),
        (Kind::Cart, "id(x = 1)", "id"),
        (Kind::Cart, "id contains any (\"a\")", "id"),
        (Kind::Cart, "id within circle(1, 2, 3)", "id"),
        (
            Kind::Cart,
            "custom(fields(vip > true))",
            "custom.fields.vip",
        ),
        (Kind::Customer, "isEmailVerified > true", "isEmailVerified"),
        (Kind::Customer, "isEmailVerified = 1", "isEmailVerified"),
        (
            Kind::Customer,
            "shippingAddressIds > \"a\"",
            "shippingAddressIds",
        ),
        (Kind::Channel, "roles(a = 1)", "roles"),
        (Kind::Channel, "geoLocation = 1", "geoLocation"),
    ] {
        assert_eq!(
            refusal(kind, predicate),
            format!(
                "Malformed parameter: where: The field '{field}' does not support this expression."
            ),
            "{predicate}"
        );
    }
    assert_eq!(
        refusal(Kind::Cart, "createdAt > \"yesterday\""),
        "Malformed parameter: where: The value 'yesterday' is not valid for the field 'createdAt': \
         expected a date-time such as \"2026-01-31T09:15:00.000Z\"."
    );
    assert_eq!(
        refusal(Kind::Channel, "geoLocation within circle(52.5, 113.4, 1)"),
        "Malformed parameter: where: The value '113.4' is not valid for the field 'geoLocation': \
         expected degrees between -90 and 90."
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row for each kind")]
fn every_kind_knows_its_members() {
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Project) {
        let predicate = parse("id = \"a\" and version > 0 and createdAt is defined").unwrap();
        assert!(
            resolve(&predicate, *kind, &Variables::new()).is_ok(),
            "{}",
            kind.type_id()
        );
    }
    for (kind, predicate) in [
        (
            Kind::Order,
            "orderNumber = \"1\" and syncInfo(channel(id = \"c\")) and returnInfo(items(quantity > 1))",
        ),
        (
            Kind::Customer,
            "email = \"a\" and stores(key = \"de\") and addresses(country = \"DE\")",
        ),
        (
            Kind::ShoppingList,
            "slug(en = \"s\") and textLineItems(name(en = \"n\")) and customer(id = \"c\")",
        ),
        (
            Kind::Payment,
            "transactions(amount(centAmount > 5) and state = \"Success\") and paymentStatus(interfaceCode = \"1\")",
        ),
        (
            Kind::Product,
            "masterData(staged(searchKeywords(en(text = \"x\")))) and taxCategory(id = \"t\")",
        ),
        (
            Kind::ProductType,
            "attributes(type(name = \"set\" and elementType(name = \"text\")))",
        ),
        (
            Kind::Category,
            "parent(id = \"p\") and ancestors(id = \"p\") and orderHint > \"0.1\"",
        ),
        (
            Kind::TaxCategory,
            "rates(amount = 0.19 and country = \"DE\")",
        ),
        (
            Kind::Type,
            "resourceTypeIds contains all (\"order\") and fieldDefinitions(name = \"x\")",
        ),
        (
            Kind::Store,
            "key = \"de\" and languages = \"de\" and distributionChannels(id = \"c\")",
        ),
        (
            Kind::Channel,
            "roles contains any (\"Primary\") and address(country = \"DE\")",
        ),
        (Kind::CustomerGroup, "name = \"vip\""),
        (
            Kind::ShippingMethod,
            "isDefault = true and zoneRates(zone(id = \"z\") and shippingRates(price(centAmount > 1)))",
        ),
        (Kind::Zone, "locations(country = \"DE\")"),
        (
            Kind::InventoryEntry,
            "sku in (\"a\", \"b\") and availableQuantity > 0",
        ),
        (Kind::State, "type = \"LineItemState\" and initial = true"),
        (
            Kind::CustomObject,
            "container = \"c\" and value(a(b(c = 1)))",
        ),
        (
            Kind::Message,
            "type = \"OrderCreated\" and order(id = \"o\") and resource(typeId = \"order\")",
        ),
        (
            Kind::CartDiscount,
            "value(type = \"relative\" and permyriad = 1000) and isActive = true",
        ),
        (
            Kind::DiscountCode,
            "code = \"HELLO\" and groups contains any (\"g\")",
        ),
        (Kind::Project, "key = \"demo\""),
    ] {
        let parsed = parse(predicate).unwrap();
        let resolved = resolve(&parsed, kind, &Variables::new());
        assert!(resolved.is_ok(), "{predicate}: {resolved:?}");
    }
}

#[test]
fn variables_that_do_not_fit_are_named() {
    assert_eq!(
        refusal(Kind::Cart, "anonymousId=:a"),
        "Malformed parameter: where: The variable ':a' has no value; give it one with the parameter 'var.a'."
    );
    assert_eq!(
        refusal_with(Kind::Cart, "id = :a", &[("a", &["x", "y"])]),
        "Malformed parameter: where: The variable ':a' has 2 values where exactly one is expected."
    );
    for value in ["many", "1e5", ""] {
        assert_eq!(
            refusal_with(Kind::Cart, "version = :a", &[("a", &[value])]),
            format!(
                "Malformed parameter: where: The value '{value}' is not valid for the field 'version': \
                 expected a number of at most 128 characters."
            )
        );
    }
    assert!(refusal_with(Kind::Cart, "id = :a", &[("a", &["\0"])]).contains("U+0000"));
}
