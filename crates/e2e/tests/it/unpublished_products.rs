//! Whoever may see published products only finds no trace of others.

use serde_json::{Value, json};

use crate::support::{Api, Guest, Shop, on_each_database, text, unpublish};

const SHOPPING: &str =
    "create_anonymous_token:demo manage_my_orders:demo manage_my_shopping_lists:demo";

/// A guest whose phone may see this of the catalog.
fn guest(shop: &Shop, id: &str, catalog: &str) -> Guest {
    shop.guest_of(&shop.new_api_client(&format!("{SHOPPING} {catalog}")), id)
}

fn line_of(list: &Value) -> Value {
    list["lineItems"][0].clone()
}

#[test]
fn lines_of_unpublished_products_are_refused_like_lines_of_nothing() {
    on_each_database(|shop| {
        let product = shop.admin().get("/products/key=sku-2").expect(200);
        unpublish(shop, "SKU-2");
        let by_id = |id: &Value| json!({ "productId": id, "variantId": 1 });
        let by_sku = |sku: &str| json!({ "sku": sku });
        let unknown = json!("7f3d2f0a-1c2b-4d5e-8f90-0123456789ab");
        let post = |api: &Api, path: &str, line: Value| {
            let draft = json!({ "currency": "EUR", "name": { "en": "x" }, "lineItems": [line] });
            api.post(path, draft)
        };
        for (id, catalog) in [
            ("tablet-1", ""),
            ("tablet-2", "view_published_products:demo"),
        ] {
            let guest = guest(shop, id, catalog);
            for path in ["/me/carts", "/me/shopping-lists"] {
                for (there, absent) in [
                    (by_id(&product["id"]), by_id(&unknown)),
                    (by_sku("SKU-2"), by_sku("SKU-NONE")),
                ] {
                    let refused = |line: &Value| {
                        let error = post(&guest, path, line.clone()).expect(400);
                        error.to_string()
                    };
                    let told = refused(&there)
                        .replace("SKU-2", "SKU-NONE")
                        .replace(&text(&product, "/id"), &text(&json!([unknown]), "/0"));
                    assert_eq!(told, refused(&absent), "{catalog} {path}");
                }
                post(&guest, path, by_sku("SKU-1")).expect(201);
            }
        }
        let trusted = guest(shop, "tablet-3", "view_products:demo");
        let refusal = post(&trusted, "/me/carts", by_sku("SKU-2"));
        refusal.refused(400, "InvalidOperation");
        let list = post(&trusted, "/me/shopping-lists", by_sku("SKU-2")).expect(201);
        assert_eq!(line_of(&list)["published"], false);
    });
}

#[test]
fn expansion_shows_the_published_side_of_published_products() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let definition = json!({
            "key": "about", "name": { "en": "About" }, "resourceTypeIds": ["order"],
            "fieldDefinitions": [{
                "name": "product", "label": { "en": "About" }, "required": false,
                "type": { "name": "Reference", "referenceTypeId": "product" },
            }],
        });
        admin.post("/types", definition).expect(201);
        let product = admin.get("/products/key=sku-1").expect(200);
        let rename = json!([{ "action": "changeName", "name": { "en": "Secret" } }]);
        admin.update("/products", &product, rename).expect(200);
        unpublish(shop, "SKU-2");
        let cart = |key: &str| {
            json!({
                "currency": "EUR",
                "custom": {
                    "type": { "typeId": "type", "key": "about" },
                    "fields": { "product": { "typeId": "product", "key": key } },
                },
            })
        };
        let expand = [("expand", "custom.fields.product")];
        for (id, catalog, name) in [
            ("tablet-1", "view_published_products:demo", Some("SKU-1")),
            ("tablet-2", "view_products:demo", Some("Secret")),
            ("tablet-3", "", None),
        ] {
            let guest = guest(shop, id, catalog);
            let made = guest.my_cart(cart("sku-1"));
            let path = format!("/me/carts/{}", text(&made, "/id"));
            let shown = guest.query(&path, &expand).expect(200);
            let staged = shown.pointer("/custom/fields/product/obj/masterData/staged/name/en");
            assert_eq!(staged.and_then(Value::as_str), name, "{catalog}");
            let may_name = catalog == "view_products:demo";
            let reply = guest.post("/me/carts", cart("sku-2"));
            assert_eq!(reply.status, if may_name { 201 } else { 400 }, "{catalog}");
        }
        // It was named by somebody who could see it, or before it was taken out of the window.
        let mut draft = cart("sku-2");
        draft["anonymousId"] = "tablet-1".into();
        let made = admin.post("/carts", draft).expect(201);
        let query = [
            ("expand", "custom.fields.product"),
            ("where", &format!("id = \"{}\"", text(&made, "/id"))),
        ];
        let again =
            shop.token_of(&shop.new_api_client("view_orders:demo view_published_products:demo"));
        let page = again.query("/carts", &query).expect(200);
        assert!(
            page.pointer("/results/0/custom/fields/product/obj")
                .is_none(),
            "{page:#}"
        );
    });
}

#[test]
fn staged_data_is_refused_or_absent_at_every_path_of_the_catalog() {
    on_each_database(|shop| {
        unpublish(shop, "SKU-2");
        let product = shop.admin().get("/products/key=sku-2").expect(200);
        let id = text(&product, "/id");
        let guest = guest(shop, "tablet-1", "view_published_products:demo");
        for prefix in ["", "/in-store/key=de-store"] {
            for name in [id.as_str(), "key=sku-2"] {
                let path = format!("{prefix}/product-projections/{name}");
                guest.get(&path).refused(404, "ResourceNotFound");
                guest
                    .query(&path, &[("staged", "true")])
                    .refused(403, "insufficient_scope");
            }
        }
        guest
            .query("/product-projections", &[("staged", "true")])
            .refused(403, "insufficient_scope");
        for path in ["/product-projections", "/products"] {
            let all = guest.query(path, &[("limit", "500")]).expect(200);
            assert_eq!(all["total"], 6, "{path}");
        }
        for path in [
            &format!("/products/{id}"),
            "/products/key=sku-1",
            "/inventory",
            "/channels",
        ] {
            guest.get(path).refused(403, "insufficient_scope");
        }
    });
}
