//! Products and their projections: stock, selected prices, and who sees what.

use serde_json::{Value, json};

use crate::support::{Api, assert_shows, on_each_database, text, with_stock};

fn scope(shop: &crate::support::Shop, scope: &str) -> Api {
    shop.token_of(&shop.new_api_client(scope)).api
}

#[test]
fn variants_show_what_is_on_stock() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let entry = with_stock(shop, "SKU-1", 7);
        let channel = json!({ "key": "depot" });
        let channel = admin.post("/channels", channel).expect(201);
        let depot = json!({ "typeId": "channel", "id": channel["id"] });
        for (sku, quantity) in [("SKU-1", 3), ("SKU-2", 0), ("SKU-1/x", 5)] {
            let draft = json!({ "sku": sku, "quantityOnStock": quantity, "supplyChannel": depot });
            admin.post("/inventory", draft).expect(201);
        }
        let in_depot =
            |variant: &Value| variant["availability"]["channels"][text(&channel, "/id")].clone();

        let projection = admin.get("/product-projections/key=sku-1").expect(200);
        let variant = &projection["masterVariant"];
        assert_shows(
            &variant["availability"],
            json!({
                "isOnStock": true, "availableQuantity": 7, "id": entry["id"], "version": 1,
            }),
        );
        assert_shows(
            &in_depot(variant),
            json!({ "isOnStock": true, "availableQuantity": 3 }),
        );

        let list = admin
            .query("/product-projections", &[("sort", "key asc")])
            .expect(200);
        let results = list["results"].as_array().unwrap();
        let by_key = |key: &str| {
            let found = results.iter().find(|product| product["key"] == key);
            found.expect("a product")["masterVariant"].clone()
        };
        assert_eq!(by_key("sku-1"), *variant);
        assert_shows(
            &in_depot(&by_key("sku-2")),
            json!({ "isOnStock": false, "availableQuantity": 0 }),
        );
        assert!(by_key("sku-2")["availability"].get("isOnStock").is_none());
        assert!(by_key("sku-14").get("availability").is_none());

        let product = admin.get("/products/key=sku-1").expect(200);
        for state in ["current", "staged"] {
            assert_eq!(product["masterData"][state]["masterVariant"], *variant);
        }
        let actions = json!([{ "action": "setKey", "key": "renamed" }]);
        let changed = admin.update("/products", &product, actions).expect(200);
        assert_eq!(changed["masterData"]["current"]["masterVariant"], *variant);
    });
}

#[test]
fn stock_is_never_stored_with_the_product() {
    on_each_database(|shop| {
        let admin = shop.admin();
        with_stock(shop, "SKU-1", 7);
        let product = admin.get("/products/key=sku-1").expect(200);
        admin.update("/products", &product, json!([])).expect(200);
        let entry = &admin.find("/inventory", r#"sku = "SKU-1""#)[0];
        let actions = json!([{ "action": "changeQuantity", "quantity": 0 }]);
        admin.update("/inventory", entry, actions).expect(200);
        let again = admin.get("/products/key=sku-1").expect(200);
        assert_eq!(again["version"], product["version"]);
        assert_shows(
            &again["masterData"]["current"]["masterVariant"]["availability"],
            json!({ "isOnStock": false, "availableQuantity": 0, "version": 2 }),
        );
    });
}

#[test]
fn with_the_weaker_scope_products_show_published_data_only() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let product = admin.get("/products/key=sku-1").expect(200);
        let actions = json!([{ "action": "changeName", "name": { "en": "Secret" } }]);
        admin.update("/products", &product, actions).expect(200);
        let draft = json!({
            "key": "unborn", "name": { "en": "Unborn" }, "slug": { "en": "unborn" },
            "productType": { "typeId": "product-type", "key": "article" },
        });
        admin.post("/products", draft).expect(201);

        let shopper = scope(shop, "view_published_products:demo");
        let page = shopper.query("/products", &[("limit", "500")]).expect(200);
        assert!(!page.to_string().contains("Secret"));
        assert!(!page.to_string().contains("Unborn"));
        let all = admin.query("/products", &[("limit", "500")]).expect(200);
        assert!(all.to_string().contains("Secret"));
        assert_eq!(
            page["total"].as_i64(),
            all["total"].as_i64().map(|all| all - 1)
        );
        for filter in [
            r#"masterData(staged(name(en = "Secret")))"#,
            r#"key = "sku-1" and masterData(hasStagedChanges = true)"#,
        ] {
            assert_eq!(admin.find("/products", filter).len(), 1);
            shopper
                .query("/products", &[("where", filter)])
                .refused(400, "InvalidInput");
        }
        let sort = [("sort", "masterData.staged.name.en asc")];
        admin.query("/products", &sort).expect(200);
        shopper
            .query("/products", &sort)
            .refused(400, "InvalidInput");
        assert_eq!(
            shopper
                .find(
                    "/products",
                    r#"masterData(current(masterVariant(sku = "SKU-1")))"#
                )
                .len(),
            1
        );
        // Single products, and whether there are any, are for the stronger scope.
        shopper
            .get("/products/key=sku-1")
            .refused(403, "insufficient_scope");
        assert_eq!(shopper.head("/products").status, 403);
        assert_eq!(admin.head("/products").status, 200);
    });
}

#[test]
fn prices_are_selected_for_a_currency_and_a_country() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let german = [("priceCurrency", "EUR"), ("priceCountry", "DE")];
        let product = admin.query("/products/key=sku-1", &german).expect(200);
        for state in ["current", "staged"] {
            let variant = &product["masterData"][state]["masterVariant"];
            assert_eq!(variant["price"]["value"]["centAmount"], 1234, "{state}");
        }
        let list = admin.query(
            "/products",
            &[("priceCurrency", "EUR"), ("where", r#"key = "sku-1""#)],
        );
        let variant = &list.expect(200)["results"][0]["masterData"]["current"]["masterVariant"];
        assert_eq!(variant["price"]["value"]["centAmount"], 1300);
        let none = admin.query("/products/key=sku-2", &[("priceCurrency", "JPY")]);
        let variant = &none.expect(200)["masterData"]["current"]["masterVariant"];
        assert!(variant.get("price").is_none());
        for path in ["/products", "/products/key=sku-1", "/product-projections"] {
            for alone in [
                "priceCountry",
                "priceChannel",
                "priceCustomerGroupAssignments",
            ] {
                admin
                    .query(path, &[(alone, "DE")])
                    .refused(400, "InvalidInput");
            }
            admin
                .query(path, &[("priceCurrency", "EURO")])
                .refused(400, "InvalidInput");
        }
    });
}

#[test]
fn below_a_store_there_are_single_projections_and_no_list() {
    on_each_database(|shop| {
        let admin = shop.admin();
        admin
            .get("/in-store/key=de-store/product-projections/key=sku-1")
            .expect(200);
        admin
            .get("/in-store/key=nowhere/product-projections/key=sku-1")
            .refused(404, "ResourceNotFound");
        admin
            .get("/in-store/key=de-store/product-projections")
            .expect(404);
    });
}

#[test]
fn searching_products_is_not_there_yet() {
    on_each_database(|shop| {
        let admin = shop.admin();
        for path in [
            "/product-projections/search",
            "/product-projections/suggest",
        ] {
            admin.get(path).refused(404, "ResourceNotFound");
            admin.post(path, json!({})).refused(404, "ResourceNotFound");
        }
    });
}
