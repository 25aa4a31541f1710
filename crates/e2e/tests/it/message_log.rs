//! The message log: what it says about resources, and whether there is one at all.

use serde_json::{Value, json};

use crate::support::{Backend, assert_shows, on_each_database, text};

fn about(admin: &Backend, resource: &Value, kind: &str) -> Value {
    let id = text(resource, "/id");
    let filter = format!(r#"resource(id = "{id}") and type = "{kind}""#);
    let found = admin.find("/messages", &filter);
    assert_eq!(found.len(), 1, "{kind}: {found:#?}");
    found[0].clone()
}

#[test]
fn what_was_created_is_told_as_it_was_stored() {
    on_each_database(|shop| {
        let (admin, backend) = (shop.admin(), shop.backend());
        let draft = json!({ "email": "carol@example.com", "password": "c4rol" });
        let customer = backend.post("/customers", draft).expect(201)["customer"].clone();
        let told = about(&admin, &customer, "CustomerCreated");
        assert_eq!(told["customer"], customer);
        assert_eq!(told["resourceVersion"], 1);
        let draft = json!({ "key": "hats", "name": { "en": "Hats" }, "slug": { "en": "hats" } });
        let category = admin.post("/categories", draft).expect(201);
        assert_eq!(
            about(&admin, &category, "CategoryCreated")["category"],
            category
        );
    });
}

#[test]
fn products_are_told_as_projections_with_their_version() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let draft = json!({
            "key": "new", "name": { "en": "New" }, "slug": { "en": "new" }, "publish": true,
            "productType": { "typeId": "product-type", "key": "article" },
        });
        let product = admin.post("/products", draft).expect(201);
        let projection = admin.get("/product-projections/key=new").expect(200);
        for kind in ["ProductCreated", "ProductPublished"] {
            assert_eq!(
                about(&admin, &product, kind)["productProjection"],
                projection,
                "{kind}"
            );
        }
        let actions = json!([
            { "action": "changeName", "name": { "en": "Newer" } }, { "action": "publish" },
        ]);
        let product = admin.update("/products", &product, actions).expect(200);
        let projection = admin.get("/product-projections/key=new").expect(200);
        let id = text(&product, "/id");
        let filter = format!(
            r#"resource(id = "{id}") and resourceVersion = 2 and type = "ProductPublished""#
        );
        let told = &admin.find("/messages", &filter)[0];
        assert_shows(
            &told["productProjection"],
            json!({ "id": id, "version": 2, "name": { "en": "Newer" } }),
        );
        assert_eq!(
            told["productProjection"]["lastModifiedAt"],
            projection["lastModifiedAt"]
        );
    });
}

#[test]
fn a_project_without_messages_leaves_none() {
    on_each_database(|shop| {
        let admin = shop.admin();
        let switch = |enabled: bool| {
            let project = admin.get("").expect(200);
            let actions =
                json!([{ "action": "changeMessagesEnabled", "messagesEnabled": enabled }]);
            let update = json!({ "version": project["version"], "actions": actions });
            admin.post("", update).expect(200);
        };
        let count = || {
            admin.get("/messages").expect(200)["total"]
                .as_i64()
                .unwrap()
        };
        let alice = admin.find("/customers", r#"email = "alice@example.com""#)[0].clone();
        let before = count();
        switch(false);
        let actions = json!([{ "action": "setFirstName", "firstName": "Alicia" }]);
        let alice = admin.update("/customers", &alice, actions).expect(200);
        // A new password changes the customer, with or without a message about it.
        let change = json!({
            "id": alice["id"], "version": alice["version"],
            "currentPassword": "secret", "newPassword": "n3w",
        });
        let alice = admin.post("/customers/password", change).expect(200);
        assert_eq!(alice["version"], 3);
        assert_eq!(count(), before);
        switch(true);
        let actions = json!([{ "action": "setFirstName", "firstName": "Alice" }]);
        admin.update("/customers", &alice, actions).expect(200);
        assert_eq!(count(), before + 1);
    });
}
