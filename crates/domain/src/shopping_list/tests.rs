//! Behaviour of shopping lists.

use serde_json::{Value, json};

use super::{
    MyShoppingListAction, MyShoppingListDraft, ShoppingList, ShoppingListAction, ShoppingListDraft,
};
use crate::{
    catalog::{product_type::ProductType, type_definition::TypeDefinition},
    error::DomainError,
    identity::{
        ids::{AnonymousId, CustomerId, StoreKey},
        principal::Subject,
    },
    kind::Kind,
    product::Product,
    resource::{Resource, decode_actions, decode_draft},
    test_world::{NOW, Surroundings, TestWorld, shown},
};

/// A project with the product `shoe`: master variant `shoe-1`, second variant `shoe-2`.
fn shop() -> (Surroundings, Product) {
    let mut surroundings = Surroundings::new();
    surroundings
        .world
        .put_bare(Kind::Customer, "c1", Some("alice"));
    for (id, key) in [("s1", "berlin"), ("s2", "bonn")] {
        surroundings.world.put_bare(Kind::Store, id, Some(key));
    }
    surroundings.created::<ProductType>(
        json!({ "key": "plain", "name": "Plain", "description": "No attributes" }),
    );
    let product = surroundings.created::<Product>(json!({
        "key": "shoe", "productType": { "key": "plain" }, "name": { "en": "Shoe" }, "slug": { "en": "shoe" },
        "masterVariant": { "sku": "shoe-1" }, "variants": [{ "sku": "shoe-2" }], "publish": true,
    }));
    (surroundings, product)
}

fn listed(surroundings: &mut Surroundings, line_items: Value) -> ShoppingList {
    surroundings.created(json!({ "name": { "en": "Wishes" }, "lineItems": line_items }))
}

/// Variant, quantity and key of every line.
fn lines(list: &ShoppingList) -> Vec<(Option<i64>, i64, Option<&str>)> {
    let lines = list.line_items.iter();
    lines
        .map(|line| (line.variant_id, line.quantity, line.key.as_deref()))
        .collect()
}

#[test]
fn a_new_list_has_the_shape_of_the_api() {
    let (mut surroundings, product) = shop();
    let list = surroundings.created::<ShoppingList>(json!({
        "name": { "en": "Wishes" }, "key": "wishes", "slug": { "en": "my-wishes" }, "description": { "en": "Soon" },
        "customer": { "key": "alice" }, "anonymousId": "guest", "store": { "key": "berlin" },
        "lineItems": [{ "sku": "shoe-2", "quantity": 3, "key": "best" }],
        "textLineItems": [{ "name": { "en": "Flowers" }, "description": { "en": "Red" }, "addedAt": "2026-01-01T00:00:00Z" }],
        "deleteDaysAfterLastModification": 10,
    }));
    assert_eq!(
        shown(&list),
        json!({
            "name": { "en": "Wishes" }, "key": "wishes", "customer": { "typeId": "customer", "id": "c1" },
            "slug": { "en": "my-wishes" }, "description": { "en": "Soon" },
            "lineItems": [{
                "id": list.line_items[0].id, "key": "best", "productId": product.id, "variantId": 2,
                "productType": product.product_type, "name": { "en": "Shoe" }, "published": true, "quantity": 3,
                "addedAt": "2026-01-31T09:15:00.000Z",
            }],
            "textLineItems": [{
                "id": list.text_line_items[0].id, "name": { "en": "Flowers" }, "description": { "en": "Red" },
                "quantity": 1, "addedAt": "2026-01-01T00:00:00.000Z",
            }],
            "deleteDaysAfterLastModification": 10, "anonymousId": "guest",
            "store": { "typeId": "store", "key": "berlin" },
        })
    );
    let index = list.index();
    assert_eq!(index.customer_id.as_deref(), Some("c1"));
    assert_eq!(index.anonymous_id.as_deref(), Some("guest"));
    assert_eq!(index.store_key.as_deref(), Some("berlin"));
    assert_eq!(index.expires_at, Some(NOW.plus_days(10)));
    let slug = &index.unique[0];
    assert_eq!(
        (
            slug.namespace.as_str(),
            slug.value.as_str(),
            slug.shown.as_str()
        ),
        ("shopping-list-slug", "en/my-wishes", "my-wishes")
    );
}

#[test]
fn the_project_says_when_a_list_vanishes_unless_the_list_does() {
    let (mut surroundings, _) = shop();
    surroundings
        .project
        .shopping_lists
        .delete_days_after_last_modification = 30;
    let list = listed(&mut surroundings, json!([]));
    assert_eq!(list.index().expires_at, Some(NOW.plus_days(30)));
    let set = |days: Value| json!([{ "action": "setDeleteDaysAfterLastModification", "deleteDaysAfterLastModification": days }]);
    surroundings.now = NOW.plus_days(1);
    let longer = surroundings.apply(&list, set(json!(365_250))).unwrap();
    assert_eq!(longer.index().expires_at, Some(NOW.plus_days(365_251)));
    let back = surroundings.apply(&longer, set(Value::Null)).unwrap();
    assert_eq!(back.delete_days_after_last_modification, Some(30));
    for days in [0, 365_251] {
        assert!(surroundings.apply(&list, set(json!(days))).is_err());
    }
}

#[test]
fn a_list_belongs_to_whoever_the_request_is_made_for() {
    let (mut surroundings, _) = shop();
    let body = json!({
        "name": { "en": "Wishes" }, "customer": { "key": "alice" }, "anonymousId": "other", "key": "my-key",
        "slug": { "en": "my-slug" },
    });
    for (subject, customer, anonymous_id) in [
        (
            Subject::Anonymous(AnonymousId::new("guest")),
            None,
            Some("guest"),
        ),
        (Subject::Customer(CustomerId::new("c9")), Some("c9"), None),
    ] {
        surroundings.acting_for = subject;
        let mine: MyShoppingListDraft = decode_draft(body.clone()).unwrap();
        let draft = ShoppingListDraft::from(mine);
        let list = ShoppingList::create(draft, &mut surroundings.context()).unwrap();
        let index = list.index();
        assert_eq!(index.customer_id.as_deref(), customer);
        assert_eq!(index.anonymous_id.as_deref(), anonymous_id);
        assert_eq!((&list.key, &list.slug), (&None, &None));
    }
}

#[test]
fn an_in_store_list_belongs_to_that_store() {
    let (mut surroundings, _) = shop();
    surroundings.store = Some(StoreKey::new("berlin"));
    let store = |list: ShoppingList| list.store.map(|store| store.key);
    let draft = |store: Value| json!({ "name": { "en": "Wishes" }, "store": store });
    let list = surroundings.create(draft(Value::Null)).unwrap();
    assert_eq!(store(list).as_deref(), Some("berlin"));
    let list = surroundings.create(draft(json!({ "id": "s1" }))).unwrap();
    assert_eq!(store(list).as_deref(), Some("berlin"));
    assert!(matches!(
        surroundings.create::<ShoppingList>(draft(json!({ "key": "bonn" }))),
        Err(DomainError::InvalidOperation { .. })
    ));
}

#[test]
fn adding_the_same_variant_adds_to_its_line() {
    let (mut surroundings, product) = shop();
    let list = listed(
        &mut surroundings,
        json!([
            { "sku": "shoe-1" },
            { "productId": product.id, "variantId": 1, "quantity": 2 },
            { "productId": product.id },
            { "sku": "shoe-2", "key": "gift" },
        ]),
    );
    // The line without variant is not the line of the master variant.
    assert_eq!(
        lines(&list),
        [
            (Some(1), 3, None),
            (None, 1, None),
            (Some(2), 1, Some("gift"))
        ]
    );
    let add = |draft: Value| {
        let mut action = draft;
        action["action"] = json!("addLineItem");
        json!([action])
    };
    let more = surroundings
        .apply(&list, add(json!({ "sku": "shoe-2", "quantity": 4 })))
        .unwrap();
    assert_eq!(lines(&more)[2], (Some(2), 5, Some("gift")));
    let keyed = surroundings
        .apply(&list, add(json!({ "sku": "shoe-2", "key": "own" })))
        .unwrap();
    assert_eq!(lines(&keyed)[3], (Some(2), 1, Some("own")));
    for wrong in [
        json!({ "sku": "shoe-1", "key": "gift" }),
        json!({ "sku": "shoe-1", "key": "a b" }),
        json!({ "sku": "shoe-1", "quantity": 0 }),
        json!({ "sku": "shoe-1", "quantity": i64::MAX }),
        json!({ "sku": "shoe-9" }),
        json!({ "productId": product.id, "variantId": 3 }),
        json!({ "productId": product.id, "sku": "shoe-1" }),
        json!({}),
    ] {
        assert!(
            surroundings.apply(&list, add(wrong.clone())).is_err(),
            "{wrong}"
        );
    }
    let unknown = surroundings.apply(&list, add(json!({ "productId": "nothing" })));
    assert!(matches!(
        unknown,
        Err(DomainError::ReferencedResourceNotFound {
            kind: Kind::Product,
            ..
        })
    ));
}

#[test]
fn lines_with_other_custom_fields_stay_apart() {
    let (mut surroundings, _) = shop();
    surroundings.created::<TypeDefinition>(json!({
        "key": "extra", "name": { "en": "Extra" },
        "resourceTypeIds": ["line-item", "shopping-list", "shopping-list-text-line-item"],
        "fieldDefinitions": [
            { "name": "note", "label": { "en": "Note" }, "required": false, "type": { "name": "String" } }
        ],
    }));
    let noted = |note: &str| json!({ "type": { "key": "extra" }, "fields": { "note": note } });
    let list = listed(
        &mut surroundings,
        json!([
            { "sku": "shoe-1", "custom": noted("a") },
            { "sku": "shoe-1", "custom": noted("b") },
            { "sku": "shoe-1", "custom": noted("a") },
        ]),
    );
    assert_eq!(lines(&list), [(Some(1), 2, None), (Some(1), 1, None)]);
    let second = &list.line_items[1].id;
    let extra = json!({ "key": "extra" });
    let actions = json!([
        { "action": "setLineItemCustomField", "lineItemId": second, "name": "note", "value": "c" },
        { "action": "setCustomType", "type": extra },
        { "action": "setCustomField", "name": "note", "value": "d" },
        { "action": "addTextLineItem", "name": { "en": "Flowers" }, "key": "flowers" },
        { "action": "setTextLineItemCustomType", "textLineItemKey": "flowers", "type": extra },
        { "action": "setTextLineItemCustomField", "textLineItemKey": "flowers", "name": "note", "value": "e" },
    ]);
    let changed = shown(&surroundings.apply(&list, actions).unwrap());
    let note = |part: &Value| part["custom"]["fields"]["note"].clone();
    assert_eq!(note(&changed["lineItems"][1]), json!("c"));
    assert_eq!(note(&changed), json!("d"));
    assert_eq!(note(&changed["textLineItems"][0]), json!("e"));
}

#[test]
fn quantities_are_set_and_taken_away() {
    let (mut surroundings, _) = shop();
    let list = listed(
        &mut surroundings,
        json!([{ "sku": "shoe-1", "quantity": 5, "key": "one" }]),
    );
    let id = &list.line_items[0].id;
    let mut quantity_after = |action: Value| {
        let changed = surroundings.apply(&list, json!([action]))?;
        Ok::<_, DomainError>(changed.line_items.first().map(|line| line.quantity))
    };
    for (action, left) in [
        (
            json!({ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": 7 }),
            Some(7),
        ),
        (
            json!({ "action": "changeLineItemQuantity", "lineItemKey": "one", "quantity": 0 }),
            None,
        ),
        (
            json!({ "action": "removeLineItem", "lineItemId": id, "quantity": 2 }),
            Some(3),
        ),
        (
            json!({ "action": "removeLineItem", "lineItemId": id, "quantity": 5 }),
            None,
        ),
        (
            json!({ "action": "removeLineItem", "lineItemKey": "one" }),
            None,
        ),
    ] {
        assert_eq!(quantity_after(action.clone()).unwrap(), left, "{action}");
    }
    for action in [
        json!({ "action": "changeLineItemQuantity", "lineItemId": id, "quantity": -1 }),
        json!({ "action": "removeLineItem", "lineItemId": id, "quantity": 0 }),
        json!({ "action": "removeLineItem", "lineItemId": "nothing" }),
        json!({ "action": "removeLineItem", "lineItemId": id, "lineItemKey": "one" }),
        json!({ "action": "removeLineItem" }),
    ] {
        assert!(quantity_after(action.clone()).is_err(), "{action}");
    }
}

#[test]
fn lines_are_put_into_another_order() {
    let (mut surroundings, product) = shop();
    let list = listed(
        &mut surroundings,
        json!([{ "sku": "shoe-1" }, { "sku": "shoe-2" }, { "productId": product.id }]),
    );
    let ids: Vec<_> = list.line_items.iter().map(|line| line.id.clone()).collect();
    let mut order = |ids: &[&String]| {
        let action = json!([{ "action": "changeLineItemsOrder", "lineItemOrder": ids }]);
        surroundings.apply(&list, action)
    };
    let turned = order(&[&ids[2], &ids[0], &ids[1]]).unwrap();
    assert_eq!(
        lines(&turned),
        [(None, 1, None), (Some(1), 1, None), (Some(2), 1, None)]
    );
    for wrong in [
        vec![&ids[0], &ids[1]],
        vec![&ids[0], &ids[1], &ids[1]],
        vec![&ids[0], &ids[1], &ids[2], &ids[2]],
    ] {
        assert!(matches!(
            order(&wrong),
            Err(DomainError::InvalidInput { .. })
        ));
    }
}

#[test]
fn at_most_250_lines_fit_on_a_list() {
    let (mut surroundings, _) = shop();
    let many: Vec<_> = (0..250)
        .map(|at| json!({ "sku": "shoe-1", "key": format!("line-{at}") }))
        .collect();
    let list = listed(&mut surroundings, json!(many));
    let one_more = json!([{ "action": "addLineItem", "sku": "shoe-2" }]);
    assert!(matches!(
        surroundings.apply(&list, one_more),
        Err(DomainError::MaxResourceLimitExceeded { limit: 250, .. })
    ));
    let same = json!([{ "action": "addLineItem", "sku": "shoe-1" }]);
    assert_eq!(
        surroundings.apply(&list, same).unwrap().line_items[0].quantity,
        2
    );
}

#[test]
fn lines_of_text_come_change_and_go() {
    let (mut surroundings, _) = shop();
    let list = listed(&mut surroundings, json!([]));
    let add = json!([
        { "action": "addTextLineItem", "name": { "en": "Flowers" }, "key": "flowers", "quantity": 2 },
        { "action": "addTextLineItem", "name": { "en": "Wine" }, "key": "wine" },
    ]);
    let list = surroundings.apply(&list, add).unwrap();
    let ids: Vec<_> = list
        .text_line_items
        .iter()
        .map(|line| line.id.clone())
        .collect();
    let change = json!([
        { "action": "changeTextLineItemName", "textLineItemKey": "wine", "name": { "de": "Wein" } },
        { "action": "setTextLineItemDescription", "textLineItemId": ids[1], "description": { "de": "Rot" } },
        { "action": "changeTextLineItemQuantity", "textLineItemKey": "wine", "quantity": 6 },
        { "action": "changeTextLineItemsOrder", "textLineItemOrder": [ids[1], ids[0]] },
        { "action": "removeTextLineItem", "textLineItemKey": "flowers", "quantity": 1 },
    ]);
    let changed = surroundings.apply(&list, change).unwrap();
    let added_at = "2026-01-31T09:15:00.000Z";
    assert_eq!(
        shown(&changed)["textLineItems"],
        json!([
            {
                "id": ids[1], "key": "wine", "name": { "de": "Wein" }, "description": { "de": "Rot" }, "quantity": 6,
                "addedAt": added_at,
            },
            { "id": ids[0], "key": "flowers", "name": { "en": "Flowers" }, "quantity": 1, "addedAt": added_at },
        ])
    );
    let remove = json!([
        { "action": "removeTextLineItem", "textLineItemKey": "flowers" },
        { "action": "changeTextLineItemQuantity", "textLineItemId": ids[1], "quantity": 0 },
    ]);
    let emptied = surroundings.apply(&changed, remove).unwrap();
    assert_eq!(emptied.text_line_items, []);
    let nameless = json!([{ "action": "addTextLineItem", "name": {} }]);
    assert!(matches!(
        surroundings.apply(&list, nameless),
        Err(DomainError::RequiredField { .. })
    ));
}

#[test]
fn a_customer_takes_a_list_over_and_the_session_stays() {
    let (mut surroundings, _) = shop();
    let list = surroundings
        .created::<ShoppingList>(json!({ "name": { "en": "Wishes" }, "anonymousId": "guest" }));
    let take = json!([{ "action": "setCustomer", "customer": { "id": "c1" } }]);
    let taken = surroundings.apply(&list, take).unwrap();
    assert_eq!(taken.index().customer_id.as_deref(), Some("c1"));
    assert_eq!(taken.anonymous_id.as_deref(), Some("guest"));
    let session = json!([{ "action": "setAnonymousId", "anonymousId": "other" }]);
    assert!(matches!(
        surroundings.apply(&taken, session),
        Err(DomainError::InvalidOperation { .. })
    ));
    let nobody = json!([{ "action": "setCustomer" }, { "action": "setAnonymousId" }]);
    let left = surroundings.apply(&taken, nobody).unwrap();
    assert_eq!((left.customer, left.anonymous_id), (None, None));
}

#[test]
fn details_are_set_and_removed() {
    let (mut surroundings, _) = shop();
    let list = listed(&mut surroundings, json!([]));
    let actions = json!([
        { "action": "changeName", "name": { "de": "Wünsche" } },
        { "action": "setKey", "key": "wishes" },
        { "action": "setSlug", "slug": { "de": "wuensche" } },
        { "action": "setDescription", "description": { "de": "Bald" } },
        { "action": "setStore", "store": { "id": "s2" } },
    ]);
    let changed = surroundings.apply(&list, actions).unwrap();
    assert_eq!(
        shown(&changed),
        json!({
            "name": { "de": "Wünsche" }, "key": "wishes", "slug": { "de": "wuensche" }, "description": { "de": "Bald" },
            "lineItems": [], "textLineItems": [], "deleteDaysAfterLastModification": 360,
            "store": { "typeId": "store", "key": "bonn" },
        })
    );
    let back = json!([
        { "action": "changeName", "name": { "en": "Wishes" } },
        { "action": "setKey" }, { "action": "setSlug" }, { "action": "setDescription" }, { "action": "setStore" },
    ]);
    let back = surroundings.apply(&changed, back).unwrap();
    assert_eq!(shown(&back), shown(&list));
    for wrong in [
        json!({ "action": "changeName", "name": {} }),
        json!({ "action": "setKey", "key": "a b" }),
        json!({ "action": "setSlug", "slug": { "en": "a b" } }),
        json!({ "action": "setBusinessUnit", "businessUnit": { "key": "b" } }),
    ] {
        assert!(
            surroundings.apply(&list, json!([wrong])).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn lines_show_what_their_product_has_become() {
    let (mut surroundings, mut product) = shop();
    let list = listed(&mut surroundings, json!([{ "sku": "shoe-1" }]));
    product.master_data.published = false;
    product
        .master_data
        .current
        .name
        .insert("en".to_owned(), "Boot".to_owned());
    surroundings.world.put(&product);
    let touch = json!([{ "action": "setKey", "key": "wishes" }]);
    let renamed = surroundings.apply(&list, touch).unwrap();
    assert_eq!(
        renamed.line_items[0].name.get("en").map(String::as_str),
        Some("Boot")
    );
    assert!(!renamed.line_items[0].published);
    surroundings.world = TestWorld::default();
    let touch = json!([{ "action": "setKey", "key": "gone" }]);
    let gone = surroundings.apply(&renamed, touch).unwrap();
    assert_eq!(gone.line_items[0].deactivated_at, Some(NOW));
    assert_eq!(
        gone.line_items[0].name.get("en").map(String::as_str),
        Some("Boot")
    );
    surroundings.now = NOW.plus_days(1);
    let touch = json!([{ "action": "setKey" }]);
    let later = surroundings.apply(&gone, touch).unwrap();
    assert_eq!(later.line_items[0].deactivated_at, Some(NOW));
}

#[test]
fn adding_and_removing_lines_is_told() {
    let (mut surroundings, _) = shop();
    let list = listed(&mut surroundings, json!([{ "sku": "shoe-1" }]));
    let mut changed = list.clone();
    let mut context = surroundings.context();
    let Value::Array(actions) = json!([
        { "action": "addLineItem", "sku": "shoe-1", "quantity": 2 },
        { "action": "removeLineItem", "lineItemId": list.line_items[0].id },
    ]) else {
        unreachable!("the actions are an array")
    };
    for action in decode_actions::<ShoppingListAction>(actions).unwrap() {
        changed.apply(action, &mut context).unwrap();
    }
    let told: Vec<_> = context
        .messages
        .iter()
        .map(|message| {
            let line = &message.payload["lineItem"];
            (message.message_type, &line["id"], &line["quantity"])
        })
        .collect();
    let id = json!(list.line_items[0].id);
    assert_eq!(
        told,
        [
            ("ShoppingListLineItemAdded", &id, &json!(3)),
            ("ShoppingListLineItemRemoved", &id, &json!(3)),
        ]
    );
}

#[test]
fn owners_can_do_less_than_backends() {
    let allowed = json!({ "action": "setLineItemCustomType", "lineItemId": "l" });
    assert!(decode_actions::<MyShoppingListAction>(vec![allowed]).is_ok());
    for forbidden in [
        json!({ "action": "setCustomer" }),
        json!({ "action": "setAnonymousId", "anonymousId": "other" }),
        json!({ "action": "setStore" }),
        json!({ "action": "setKey", "key": "my-key" }),
        json!({ "action": "setSlug" }),
    ] {
        assert!(matches!(
            decode_actions::<MyShoppingListAction>(vec![forbidden]),
            Err(DomainError::UnknownAction { .. })
        ));
    }
}
