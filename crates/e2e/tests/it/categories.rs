//! The category tree, and the products that hang in it.

use serde_json::{Value, json};

use crate::support::{Backend, on_each_database, text, together};

fn category(admin: &Backend, key: &str, parent: Option<&str>) -> Value {
    let mut draft = json!({ "key": key, "name": { "en": key }, "slug": { "en": key } });
    if let Some(parent) = parent {
        draft["parent"] = json!({ "typeId": "category", "key": parent });
    }
    admin.post("/categories", draft).expect(201)
}

fn by_key(admin: &Backend, key: &str) -> Value {
    admin.get(&format!("/categories/key={key}")).expect(200)
}

/// The keys of a category's ancestors, from the root.
fn ancestors(admin: &Backend, key: &str) -> Vec<String> {
    let found = admin.query(
        &format!("/categories/key={key}"),
        &[("expand", "ancestors[*]")],
    );
    let category = found.expect(200);
    let ancestors = category["ancestors"].as_array().expect("ancestors");
    ancestors
        .iter()
        .map(|ancestor| text(ancestor, "/obj/key"))
        .collect()
}

fn move_below(admin: &Backend, key: &str, parent: &str) -> crate::support::Reply {
    let actions = json!([
        { "action": "changeParent", "parent": { "typeId": "category", "key": parent } },
    ]);
    admin.update("/categories", &by_key(admin, key), actions)
}

#[test]
fn what_hangs_below_a_category_moves_along() {
    on_each_database(|shop| {
        let admin = shop.admin();
        for (key, parent) in [
            ("root", None),
            ("other", None),
            ("shoes", Some("root")),
            ("boots", Some("shoes")),
            ("rubber", Some("boots")),
        ] {
            category(&admin, key, parent);
        }
        assert_eq!(ancestors(&admin, "rubber"), ["root", "shoes", "boots"]);
        move_below(&admin, "shoes", "other").expect(200);
        assert_eq!(ancestors(&admin, "shoes"), ["other"]);
        assert_eq!(ancestors(&admin, "boots"), ["other", "shoes"]);
        assert_eq!(ancestors(&admin, "rubber"), ["other", "shoes", "boots"]);
        move_below(&admin, "shoes", "rubber").refused(400, "InvalidOperation");
        assert_eq!(ancestors(&admin, "rubber"), ["other", "shoes", "boots"]);
    });
}

#[test]
fn two_categories_that_move_below_each_other_at_once_make_no_ring() {
    on_each_database(|shop| {
        let second = shop.another_api();
        for round in 0..5 {
            let names = [format!("a{round}"), format!("b{round}")];
            let admin = shop.admin();
            for key in &names {
                category(&admin, key, None);
            }
            let statuses = together(2, |caller| {
                let api = if caller == 0 {
                    admin.clone()
                } else {
                    crate::support::Backend {
                        api: admin.at(&second),
                    }
                };
                move_below(&api, &names[caller], &names[1 - caller]).status
            });
            let moved = statuses.iter().filter(|status| **status == 200).count();
            assert_eq!(moved, 1, "{statuses:?}");
            let depth: usize = names.iter().map(|key| ancestors(&admin, key).len()).sum();
            assert_eq!(depth, 1);
        }
    });
}

#[test]
fn a_deleted_category_takes_its_subtree_along_and_lets_products_go() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let shoes = category(&admin, "shoes", None);
        let boots = category(&admin, "boots", Some("shoes"));
        category(&admin, "hats", None);
        let place = |key: &str, staged: bool| {
            json!({
                "action": "addToCategory", "staged": staged, "orderHint": "0.5",
                "category": { "typeId": "category", "key": key },
            })
        };
        let first = admin.get("/products/key=sku-1").expect(200);
        let actions = json!([
            place("shoes", false),
            place("boots", false),
            place("hats", false),
        ]);
        admin.update("/products", &first, actions).expect(200);
        let second = admin.get("/products/key=sku-2").expect(200);
        let actions = json!([place("boots", true)]);
        admin.update("/products", &second, actions).expect(200);

        let stale = admin.delete(&format!("/categories/{}", text(&shoes, "/id")), 9);
        stale.refused(409, "ConcurrentModification");
        let gone = admin.delete(&format!("/categories/{}", text(&shoes, "/id")), 1);
        assert_eq!(gone.expect(200)["key"], "shoes");
        admin
            .get(&format!("/categories/{}", text(&boots, "/id")))
            .refused(404, "ResourceNotFound");
        let hats = by_key(&admin, "hats");
        for key in ["sku-1", "sku-2"] {
            let product = admin.get(&format!("/products/key={key}")).expect(200);
            for state in ["current", "staged"] {
                let data = &product["masterData"][state];
                let left = if key == "sku-1" {
                    (
                        json!([{ "typeId": "category", "id": hats["id"] }]),
                        json!({ text(&hats, "/id"): "0.5" }),
                    )
                } else {
                    (json!([]), json!({}))
                };
                assert_eq!(
                    (
                        data["categories"].clone(),
                        data["categoryOrderHints"].clone()
                    ),
                    left
                );
            }
            assert_eq!(product["masterData"]["hasStagedChanges"], false, "{key}");
        }
        // The names are free again.
        category(&admin, "boots", Some("hats"));
    });
}
