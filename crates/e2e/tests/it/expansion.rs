//! Expansion of references: what is put in, and what is not.

use serde_json::{Value, json};

use crate::support::{on_each_database, text, unpublish};

fn obj(value: &Value, pointer: &str) -> Value {
    value
        .pointer(pointer)
        .and_then(|found| found.get("obj"))
        .cloned()
        .unwrap_or(Value::Null)
}

#[test]
fn lines_of_shopping_lists_show_their_variant_and_slug_when_asked() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let admin = shop.admin();
        let product = admin.get("/products/key=sku-2").expect(200);
        let draft = json!({
            "name": { "en": "Wishes" },
            "lineItems": [{ "sku": "SKU-1" }, { "productId": product["id"] }, { "sku": "SKU-14" }],
        });
        let list = guest.post("/me/shopping-lists", draft).expect(201);
        assert!(list["lineItems"][0].get("variant").is_none());
        assert!(list["lineItems"][0].get("productSlug").is_none());
        unpublish(shop, "SKU-14");
        let path = format!("/me/shopping-lists/{}", text(&list, "/id"));
        let both = [
            ("expand", "lineItems[*].variant"),
            ("expand", "lineItems[*].productSlug"),
        ];
        let shown = guest.query(&path, &both).expect(200);
        assert_eq!(shown["lineItems"][0]["variant"]["sku"], "SKU-1");
        assert_eq!(
            shown["lineItems"][0]["productSlug"],
            json!({ "en": "sku-1" })
        );
        assert_eq!(shown["lineItems"][1]["variant"]["sku"], "SKU-2");
        // Guests do not see what is not published.
        assert!(shown["lineItems"][2].get("variant").is_none());
        let one = [("expand", "lineItems[1].variant")];
        let shown = guest.query(&path, &one).expect(200);
        assert!(shown["lineItems"][0].get("variant").is_none());
        assert_eq!(shown["lineItems"][1]["variant"]["sku"], "SKU-2");
        assert!(shown["lineItems"][1].get("productSlug").is_none());
        let stored = guest.get(&path).expect(200);
        assert!(stored["lineItems"][0].get("variant").is_none());
    });
}

/// A type of orders with a reference field named like the kind it refers to.
fn with_reference(admin: &crate::support::Backend, kind: &str) -> Value {
    let draft = json!({
        "key": format!("about-{kind}"), "name": { "en": "About" }, "resourceTypeIds": ["order"],
        "fieldDefinitions": [{
            "name": kind, "label": { "en": "About" }, "required": false,
            "type": { "name": "Reference", "referenceTypeId": kind },
        }],
    });
    admin.post("/types", draft).expect(201)
}

#[test]
fn shoppers_get_nothing_expanded_that_they_could_not_read() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let narrow = shop.new_api_client("create_anonymous_token:demo manage_my_orders:demo");
        let (blind, guest) = (shop.guest_of(&narrow, "tablet-1"), shop.guest("phone-123"));
        let alice = admin.find("/customers", r#"email = "alice@example.com""#)[0].clone();
        let object = json!({ "container": "secrets", "key": "a", "value": "hidden" });
        let object = admin.post("/custom-objects", object).expect(201);
        let product = admin.get("/products/key=sku-1").expect(200);
        let foreign = shop.bob().my_cart_with("SKU-1", 1);
        for (kind, target, is_for_the_phone) in [
            ("customer", &alice, false),
            ("cart", &foreign, false),
            // The phone's client may view products, which says nothing of custom objects.
            ("key-value-document", &object, false),
            ("product", &product, true),
        ] {
            let definition = with_reference(&admin, kind);
            for (reader, sees) in [
                (&admin.api, true),
                (&guest.api, is_for_the_phone),
                (&blind.api, false),
            ] {
                let custom = json!({
                    "type": { "typeId": "type", "id": definition["id"] },
                    "fields": { kind: { "typeId": kind, "id": target["id"] } },
                });
                let mut draft = json!({ "currency": "EUR", "custom": custom });
                let mut collection = "/carts";
                for owner in [&guest, &blind] {
                    if owner.token == reader.token {
                        draft["anonymousId"] = owner.anonymous_id.as_str().into();
                        collection = "/me/carts";
                    }
                }
                let cart = admin.post("/carts", draft).expect(201);
                let field = format!("custom.fields.{kind}");
                let expand = [("expand", field.as_str()), ("expand", "custom.type")];
                let path = format!("{collection}/{}", text(&cart, "/id"));
                let shown = reader.query(&path, &expand).expect(200);
                assert_eq!(obj(&shown, "/custom/type")["id"], definition["id"]);
                let told = obj(&shown, &format!("/custom/fields/{kind}"));
                assert_eq!(told != Value::Null, sees, "{kind} at {path}: {told:#}");
            }
        }
    });
}

#[test]
fn customers_get_themselves_expanded() {
    on_each_database(|shop| {
        let alice = shop.alice();
        let draft = json!({ "name": { "en": "Wishes" } });
        let list = alice.post("/me/shopping-lists", draft).expect(201);
        let path = format!("/me/shopping-lists/{}", text(&list, "/id"));
        let shown = alice.query(&path, &[("expand", "customer")]).expect(200);
        assert_eq!(obj(&shown, "/customer")["email"], "alice@example.com");
    });
}

#[test]
fn below_a_store_nothing_of_other_stores_is_expanded() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let definition = with_reference(&admin, "cart");
        let draft = json!({ "currency": "EUR" });
        let american = admin
            .post("/in-store/key=us-store/carts", draft)
            .expect(201);
        let custom = json!({
            "type": { "typeId": "type", "id": definition["id"] },
            "fields": { "cart": { "typeId": "cart", "id": american["id"] } },
        });
        let draft = json!({ "currency": "EUR", "custom": custom });
        let german = admin
            .post("/in-store/key=de-store/carts", draft)
            .expect(201);
        let expand = [("expand", "custom.fields.cart")];
        let id = text(&german, "/id");
        let all = admin.query(&format!("/carts/{id}"), &expand).expect(200);
        assert_eq!(obj(&all, "/custom/fields/cart")["id"], american["id"]);
        let store = admin
            .query(&format!("/in-store/key=de-store/carts/{id}"), &expand)
            .expect(200);
        assert_eq!(obj(&store, "/custom/fields/cart"), Value::Null);
    });
}
