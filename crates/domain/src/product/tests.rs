use serde_json::{Value, json};

use super::{Product, ProjectionState};
use crate::{
    catalog::{category::Category, product_type::ProductType, state::State},
    error::DomainError,
    kind::Kind,
    money::Currency,
    pricing::PriceScope,
    resource::{Envelope, Resource},
    test_world::{NOW, Surroundings},
};

fn definition(name: &str, attribute_type: &Value, constraint: &str) -> Value {
    json!({
        "name": name, "label": { "en": name }, "isRequired": false, "type": attribute_type,
        "attributeConstraint": constraint
    })
}

fn shop() -> Surroundings {
    let mut shop = Surroundings::new();
    shop.created::<ProductType>(json!({
        "key": "shoe", "name": "Shoe", "description": "",
        "attributes": [
            definition("size", &json!({ "name": "number" }), "CombinationUnique"),
            definition("width", &json!({ "name": "text" }), "CombinationUnique"),
            definition("brand", &json!({ "name": "text" }), "SameForAll"),
            definition("ean", &json!({ "name": "text" }), "Unique"),
            definition("color", &json!({
                "name": "enum", "values": [{ "key": "red", "label": "Red" }, { "key": "blue", "label": "Blue" }]
            }), "None"),
            definition("tags", &json!({ "name": "set", "elementType": { "name": "text" } }), "None"),
            definition("deposit", &json!({ "name": "money" }), "None"),
        ]
    }));
    shop
}

fn draft() -> Value {
    json!({
        "key": "runner", "productType": { "typeId": "product-type", "key": "shoe" },
        "name": { "en": "Runner" }, "slug": { "en": "runner" },
        "masterVariant": { "sku": "runner-1", "prices": [{ "value": euro(1000) }] },
        "variants": [{ "sku": "runner-2" }]
    })
}

fn euro(cents: i64) -> Value {
    json!({ "currencyCode": "EUR", "centAmount": cents })
}

fn code(result: Result<Product, DomainError>) -> String {
    match result.unwrap_err() {
        DomainError::Constraint { code, .. } => code.to_owned(),
        other => format!("{other:?}")
            .split([' ', '{', '('])
            .next()
            .unwrap()
            .to_owned(),
    }
}

fn changed(shop: &mut Surroundings, product: &Product, actions: Value) -> Product {
    shop.apply(product, actions).unwrap()
}

#[test]
fn a_new_product_has_both_states_alike_in_the_api_shape() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let shown = serde_json::to_value(&product).unwrap();
    assert_eq!(
        shown["masterData"]["current"],
        shown["masterData"]["staged"]
    );
    assert_eq!(
        shown["masterData"]["staged"],
        json!({
            "name": { "en": "Runner" }, "categories": [], "categoryOrderHints": {}, "slug": { "en": "runner" },
            "masterVariant": {
                "id": 1, "sku": "runner-1",
                "prices": [{
                    "id": "00000000-0000-4000-8000-000000000002",
                    "value": { "type": "centPrecision", "currencyCode": "EUR", "centAmount": 1000, "fractionDigits": 2 }
                }],
                "attributes": [], "images": [], "assets": []
            },
            "variants": [{ "id": 2, "sku": "runner-2", "prices": [], "attributes": [], "images": [], "assets": [] }],
            "searchKeywords": {}, "attributes": []
        })
    );
    assert_eq!(shown["masterData"]["published"], false);
    assert_eq!(shown["masterData"]["hasStagedChanges"], false);
    assert_eq!(shown["priceMode"], "Embedded");
    assert_eq!(shown.get("lastVariantId"), None);
    let read: Product = serde_json::from_value(shown).unwrap();
    assert_eq!(read, product);
}

#[test]
fn actions_change_the_staged_data_only_unless_they_say_otherwise() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let staged = changed(
        &mut shop,
        &product,
        json!([{ "action": "changeName", "name": { "en": "Jogger" } }]),
    );
    assert_eq!(staged.master_data.staged.name["en"], "Jogger");
    assert_eq!(staged.master_data.current.name["en"], "Runner");
    assert!(staged.master_data.has_staged_changes);
    let both = changed(
        &mut shop,
        &product,
        json!([{ "action": "changeName", "name": { "en": "Jogger" }, "staged": false }]),
    );
    assert_eq!(both.master_data.current.name["en"], "Jogger");
    assert!(!both.master_data.has_staged_changes);
}

#[test]
fn publishing_copies_staged_to_current_and_reverting_copies_it_back() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let published = changed(
        &mut shop,
        &product,
        json!([{ "action": "changeName", "name": { "en": "Jogger" } }, { "action": "publish" }]),
    );
    assert!(published.master_data.published && !published.master_data.has_staged_changes);
    assert_eq!(published.master_data.current.name["en"], "Jogger");
    assert_eq!(
        changed(&mut shop, &published, json!([{ "action": "publish" }])),
        published
    );
    let reverted = changed(
        &mut shop,
        &published,
        json!([
            { "action": "changeName", "name": { "en": "Walker" } },
            { "action": "addVariant", "sku": "runner-3" },
            { "action": "revertStagedChanges" }
        ]),
    );
    assert_eq!(reverted.master_data, published.master_data);
}

#[test]
fn publishing_prices_leaves_everything_else_staged() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let product = changed(
        &mut shop,
        &product,
        json!([
            { "action": "changeName", "name": { "en": "Jogger" } },
            { "action": "setPrices", "variantId": 1, "prices": [{ "value": euro(700) }] },
            { "action": "publish", "scope": "Prices" }
        ]),
    );
    let current = &product.master_data.current;
    assert_eq!(current.name["en"], "Runner");
    assert_eq!(
        current.master_variant.prices[0].value.cent_amount.get(),
        700
    );
    assert!(product.master_data.has_staged_changes);
}

#[test]
fn a_published_product_cannot_be_deleted() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    assert!(product.check_delete(&mut shop.context()).is_ok());
    let published = changed(&mut shop, &product, json!([{ "action": "publish" }]));
    let refused = published.check_delete(&mut shop.context());
    assert!(matches!(refused, Err(DomainError::InvalidOperation { .. })));
    let unpublished = changed(&mut shop, &published, json!([{ "action": "unpublish" }]));
    assert!(unpublished.check_delete(&mut shop.context()).is_ok());
}

#[test]
fn publishing_leaves_a_message_with_the_projection_once() {
    let mut shop = shop();
    let mut product: Product = shop.created(draft());
    let mut context = shop.context();
    for _ in 0..2 {
        let action = serde_json::from_value(json!({ "publish": {} })).unwrap();
        product.apply(action, &mut context).unwrap();
    }
    let [message] = context.messages.as_slice() else {
        panic!("{:?}", context.messages)
    };
    assert_eq!(message.message_type, "ProductPublished");
    assert_eq!(message.payload["scope"], "All");
    assert_eq!(
        message.payload["productProjection"]["name"],
        json!({ "en": "Runner" })
    );
}

#[test]
fn ids_of_removed_variants_are_never_given_again() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "addVariant", "sku": "runner-3" }]),
    );
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "removeVariant", "sku": "runner-3" }]),
    );
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "addVariant", "sku": "runner-4", "staged": false }]),
    );
    let ids: Vec<i64> = product
        .master_data
        .staged
        .all_variants()
        .map(|variant| variant.id)
        .collect();
    assert_eq!(ids, [1, 2, 4]);
    assert_eq!(product.last_variant_id, None);
    assert_eq!(
        product
            .find_variant_by_sku("runner-4")
            .map(|variant| variant.id),
        Some(4)
    );
}

#[test]
fn the_master_variant_can_be_exchanged_but_not_removed() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let refused = shop.apply(&product, json!([{ "action": "removeVariant", "id": 1 }]));
    assert_eq!(code(refused), "InvalidOperation");
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "changeMasterVariant", "sku": "runner-2" }, { "action": "removeVariant", "id": 1 }]),
    );
    assert_eq!(product.master_data.staged.master_variant.id, 2);
    assert_eq!(product.master_data.staged.variants, []);
    assert_eq!(product.master_data.current.master_variant.id, 1);
}

#[test]
fn skus_and_slugs_of_both_states_are_unique_in_the_project() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let product = changed(
        &mut shop,
        &product,
        json!([
            { "action": "setSku", "variantId": 2, "sku": "runner-9" },
            { "action": "changeSlug", "slug": { "en": "jogger", "de": "laeufer" } }
        ]),
    );
    let unique: Vec<(String, String)> = product
        .index()
        .unique
        .into_iter()
        .map(|one| (one.namespace, one.value))
        .collect();
    let expected = [
        ("product-slug:de", "laeufer"),
        ("product-slug:en", "jogger"),
        ("product-slug:en", "runner"),
        ("sku", "runner-1"),
        ("sku", "runner-2"),
        ("sku", "runner-9"),
    ];
    assert_eq!(
        unique,
        expected.map(|(namespace, value)| (namespace.to_owned(), value.to_owned()))
    );
}

#[test]
fn two_variants_of_a_product_cannot_share_a_sku_or_be_alike() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let same_sku = shop.apply(
        &product,
        json!([{ "action": "setSku", "variantId": 2, "sku": "runner-1" }]),
    );
    assert_eq!(code(same_sku), "DuplicateField");
    let alike = shop.apply(
        &product,
        json!([{ "action": "addVariant" }, { "action": "addVariant" }]),
    );
    assert_eq!(code(alike), "DuplicateVariantValues");
}

#[test]
fn a_variant_has_one_price_for_a_scope_at_a_time() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let mut add = |prices: Value| {
        let actions: Vec<Value> = prices
            .as_array()
            .unwrap()
            .iter()
            .map(|price| json!({ "action": "addPrice", "variantId": 1, "price": price }))
            .collect();
        shop.apply(&product, actions.into())
    };
    assert_eq!(
        code(add(json!([{ "value": euro(5) }]))),
        "DuplicatePriceScope"
    );
    assert!(add(json!([{ "value": euro(5), "country": "DE" }])).is_ok());
    let dated = |from: &str, until: &str| json!({ "value": euro(5), "validFrom": from, "validUntil": until });
    assert!(
        add(json!([
            dated("2026-01-01", "2026-02-01"),
            dated("2026-02-01", "2026-03-01")
        ]))
        .is_ok()
    );
    assert_eq!(
        code(add(json!([
            dated("2026-01-01", "2026-02-01"),
            dated("2026-01-31", "2026-03-01")
        ]))),
        "OverlappingPriceValidity"
    );
    assert_eq!(
        code(add(json!([
            { "key": "same", "value": euro(5), "country": "DE" },
            { "key": "same", "value": euro(5), "country": "US" }
        ]))),
        "DuplicatePriceKey"
    );
    assert_eq!(
        code(add(json!([dated("2026-02-01", "2026-01-01")]))),
        "InvalidInput"
    );
}

#[test]
fn a_price_keeps_its_id_in_both_states_and_when_it_is_changed() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "addPrice", "sku": "runner-2", "price": { "value": euro(800) }, "staged": false }]),
    );
    let id = product.master_data.current.variants[0].prices[0].id.clone();
    assert_eq!(product.master_data.staged.variants[0].prices[0].id, id);
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "changePrice", "priceId": id, "price": { "value": euro(750) }, "staged": false }]),
    );
    let price = &product.master_data.current.variants[0].prices[0];
    assert_eq!(
        (price.id.as_str(), price.value.cent_amount.get()),
        (id.as_str(), 750)
    );
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "removePrice", "priceId": id }]),
    );
    assert_eq!(product.master_data.staged.variants[0].prices, []);
    assert_eq!(product.master_data.current.variants[0].prices.len(), 1);
    let missing = shop.apply(
        &product,
        json!([{ "action": "removePrice", "priceId": "nothing" }]),
    );
    assert_eq!(code(missing), "InvalidOperation");
}

#[test]
fn there_are_at_most_100_prices_and_100_variants() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let prices = |count: u8| -> Vec<Value> {
        (0..count)
            .map(|at| {
                let country = format!(
                    "{}{}",
                    char::from(b'A' + at / 26),
                    char::from(b'A' + at % 26)
                );
                json!({ "value": euro(1), "country": country })
            })
            .collect()
    };
    let set = |count| json!([{ "action": "setPrices", "variantId": 1, "prices": prices(count) }]);
    assert!(shop.apply(&product, set(100)).is_ok());
    assert_eq!(
        code(shop.apply(&product, set(101))),
        "MaxResourceLimitExceeded"
    );
    let variants = |count: usize| -> Value {
        (0..count)
            .map(|at| json!({ "action": "addVariant", "sku": format!("more-{at}") }))
            .collect()
    };
    assert!(shop.apply(&product, variants(98)).is_ok());
    assert_eq!(
        code(shop.apply(&product, variants(99))),
        "MaxResourceLimitExceeded"
    );
}

#[test]
fn attribute_values_are_checked_and_stored_in_their_api_shape() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let mut stored = |name: &str, value: Value| {
        let actions =
            json!([{ "action": "setAttribute", "variantId": 1, "name": name, "value": value }]);
        shop.apply(&product, actions)
            .map(|product| {
                product
                    .master_data
                    .staged
                    .master_variant
                    .attribute(name)
                    .cloned()
                    .unwrap()
            })
            .map_err(|error| code(Err(error)))
    };
    assert_eq!(
        stored("color", json!("red")),
        Ok(json!({ "key": "red", "label": "Red" }))
    );
    assert_eq!(
        stored("color", json!({ "key": "blue" })),
        Ok(json!({ "key": "blue", "label": "Blue" }))
    );
    assert_eq!(
        stored("color", json!("green")),
        Err("InvalidField".to_owned())
    );
    assert_eq!(
        stored("tags", json!(["a", "b", "a"])),
        Ok(json!(["a", "b"]))
    );
    assert_eq!(stored("tags", json!([1])), Err("InvalidField".to_owned()));
    assert_eq!(stored("size", json!("big")), Err("InvalidField".to_owned()));
    assert_eq!(
        stored("deposit", euro(25)),
        Ok(
            json!({ "type": "centPrecision", "currencyCode": "EUR", "centAmount": 25, "fractionDigits": 2 })
        )
    );
    assert_eq!(
        stored("weight", json!(1)),
        Err("AttributeNameDoesNotExist".to_owned())
    );
}

#[test]
fn decimal_attribute_values_are_kept_as_written() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let value: Value = serde_json::from_str("42.10").unwrap();
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "setAttribute", "variantId": 1, "name": "size", "value": value }]),
    );
    let text = serde_json::to_string(&product).unwrap();
    assert!(text.contains(r#""value":42.10"#), "{text}");
    assert_eq!(serde_json::from_str::<Product>(&text).unwrap(), product);
}

#[test]
fn constraints_of_attributes_hold_between_variants() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let set = |variant: i64, name: &str, value: &str| {
        json!({
            "action": "setAttribute", "variantId": variant, "name": name, "value": value
        })
    };
    let unique = json!([set(1, "ean", "4711"), set(2, "ean", "4711")]);
    assert_eq!(
        code(shop.apply(&product, unique)),
        "DuplicateAttributeValue"
    );
    let combination = json!([set(1, "width", "wide"), set(2, "width", "wide")]);
    assert_eq!(
        code(shop.apply(&product, combination)),
        "DuplicateAttributeValues"
    );
    let different = json!([set(1, "width", "wide"), set(2, "width", "slim")]);
    assert!(shop.apply(&product, different).is_ok());
    assert_eq!(
        code(shop.apply(&product, json!([set(1, "brand", "Fleet")]))),
        "InvalidField"
    );
    let all = json!([{ "action": "setAttributeInAllVariants", "name": "brand", "value": "Fleet" }]);
    assert!(shop.apply(&product, all).is_ok());
}

#[test]
fn a_new_variant_needs_the_required_attributes() {
    let mut shop = Surroundings::new();
    let mut required = definition("size", &json!({ "name": "number" }), "None");
    required["isRequired"] = json!(true);
    shop.created::<ProductType>(json!({
        "key": "shoe", "name": "Shoe", "description": "", "attributes": [required]
    }));
    let mut with_size = draft();
    with_size["variants"] = json!([]);
    assert_eq!(code(shop.create(with_size.clone())), "RequiredField");
    with_size["masterVariant"]["attributes"] = json!([{ "name": "size", "value": 42 }]);
    let product: Product = shop.create(with_size).unwrap();
    let removed = json!([{ "action": "setAttribute", "variantId": 1, "name": "size" }]);
    assert_eq!(code(shop.apply(&product, removed)), "RequiredField");
}

#[test]
fn a_product_is_placed_in_categories_with_a_hint() {
    let mut shop = shop();
    let category: Category = shop
        .created(json!({ "key": "shoes", "name": { "en": "Shoes" }, "slug": { "en": "shoes" } }));
    let product: Product = shop.created(draft());
    let placed = changed(
        &mut shop,
        &product,
        json!([{ "action": "addToCategory", "category": { "key": "shoes" }, "orderHint": "0.5" }]),
    );
    let data = &placed.master_data.staged;
    assert_eq!(data.categories.len(), 1);
    assert_eq!(
        data.category_order_hints
            .get(category.id())
            .map(String::as_str),
        Some("0.5")
    );
    let removed = changed(
        &mut shop,
        &placed,
        json!([{ "action": "removeFromCategory", "category": { "id": category.id() } }]),
    );
    assert_eq!(removed.master_data, product.master_data);
    let hint = json!([{ "action": "setCategoryOrderHint", "categoryId": category.id(), "orderHint": "0.5" }]);
    assert_eq!(code(shop.apply(&product, hint)), "InvalidOperation");
}

#[test]
fn images_are_added_moved_labelled_and_removed() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let image = |url: &str| {
        json!({
            "action": "addExternalImage", "variantId": 1, "image": { "url": url, "dimensions": { "w": 1, "h": 2 } }
        })
    };
    let product = changed(
        &mut shop,
        &product,
        json!([
            image("a"), image("b"), image("c"),
            { "action": "moveImageToPosition", "variantId": 1, "imageUrl": "c", "position": 0 },
            { "action": "setImageLabel", "variantId": 1, "imageUrl": "b", "label": "Back" },
            { "action": "removeImage", "variantId": 1, "imageUrl": "a" }
        ]),
    );
    let images: Vec<(&str, Option<&str>)> = product
        .master_data
        .staged
        .master_variant
        .images
        .iter()
        .map(|image| (image.url.as_str(), image.label.as_deref()))
        .collect();
    assert_eq!(images, [("c", None), ("b", Some("Back"))]);
    let missing = json!([{ "action": "removeImage", "variantId": 1, "imageUrl": "a" }]);
    assert_eq!(code(shop.apply(&product, missing)), "InvalidOperation");
}

#[test]
fn assets_have_one_id_in_both_states() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let product = changed(
        &mut shop,
        &product,
        json!([
            { "action": "addAsset", "variantId": 1, "staged": false,
              "asset": { "key": "film", "name": { "en": "Film" }, "sources": [{ "uri": "https://a/film" }] } },
            { "action": "setAssetDescription", "variantId": 1, "assetKey": "film", "description": { "en": "Short" } }
        ]),
    );
    let (staged, current) = (
        &product.master_data.staged.master_variant.assets,
        &product.master_data.current.master_variant.assets,
    );
    assert_eq!(staged[0].id, current[0].id);
    assert_eq!(
        (
            staged[0].description.is_some(),
            current[0].description.is_some()
        ),
        (true, false)
    );
}

#[test]
fn a_projection_has_the_data_of_its_state_and_the_selected_prices() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    assert_eq!(product.published_projection(), None);
    let product = changed(
        &mut shop,
        &product,
        json!([{ "action": "publish" }, { "action": "changeName", "name": { "en": "Jogger", "de": "Laeufer" } }]),
    );
    let mut staged = product.projection(ProjectionState::Staged);
    assert_eq!(staged.name["en"], "Jogger");
    assert_eq!(product.published_projection().unwrap().name["en"], "Runner");
    let scope = PriceScope {
        currency: Currency::parse("EUR").unwrap(),
        country: None,
        customer_groups: Vec::new(),
        channel: None,
    };
    staged.select_scoped_prices(&scope, NOW);
    let master = &staged.master_variant;
    assert_eq!(
        master
            .price
            .as_ref()
            .map(|price| price.value.cent_amount.get()),
        Some(1000)
    );
    assert_eq!(master.scoped_price_discounted, Some(false));
    assert_eq!(staged.variants[0].price, None);
    staged.project_locales(&["de".to_owned()]);
    assert_eq!(
        serde_json::to_value(&staged.name).unwrap(),
        json!({ "de": "Laeufer" })
    );
    assert_eq!(staged.slug.len(), 0);
}

#[test]
fn a_draft_names_what_does_not_exist() {
    let mut shop = shop();
    let mut unknown_type = draft();
    unknown_type["productType"] = json!({ "key": "nothing" });
    assert!(matches!(
        shop.create::<Product>(unknown_type),
        Err(DomainError::ReferencedResourceNotFound {
            kind: Kind::ProductType,
            ..
        })
    ));
    let mut unknown_tax = draft();
    unknown_tax["taxCategory"] = json!({ "id": "nothing" });
    assert!(matches!(
        shop.create::<Product>(unknown_tax),
        Err(DomainError::ReferencedResourceNotFound {
            kind: Kind::TaxCategory,
            ..
        })
    ));
    let mut bad_slug = draft();
    bad_slug["slug"] = json!({ "en": "not a slug" });
    assert_eq!(code(shop.create(bad_slug)), "InvalidField");
}

#[test]
fn a_variant_is_named_by_id_or_sku() {
    let mut shop = shop();
    let product: Product = shop.created(draft());
    let nobody = json!([{ "action": "setProductVariantKey", "key": "some-key" }]);
    assert_eq!(code(shop.apply(&product, nobody)), "InvalidInput");
    let missing = json!([{ "action": "setProductVariantKey", "variantId": 7, "key": "some-key" }]);
    assert_eq!(code(shop.apply(&product, missing)), "InvalidOperation");
    let by_sku =
        json!([{ "action": "setProductVariantKey", "sku": "runner-2", "key": "some-key" }]);
    let product = changed(&mut shop, &product, by_sku);
    assert_eq!(
        product.master_data.staged.variants[0].key.as_deref(),
        Some("some-key")
    );
}

#[test]
fn a_workflow_state_leads_only_where_it_says_unless_forced() {
    let mut shop = shop();
    let state = |shop: &mut Surroundings, key: &str, draft: Value| {
        let mut body = json!({ "key": key, "type": "ProductState" });
        for (member, value) in draft.as_object().unwrap() {
            body[member] = value.clone();
        }
        shop.created::<State>(body)
    };
    state(&mut shop, "checked", json!({ "initial": false }));
    state(
        &mut shop,
        "new",
        json!({ "initial": true, "transitions": [{ "key": "checked" }] }),
    );
    state(
        &mut shop,
        "other",
        json!({ "initial": true, "type": "OrderState" }),
    );
    let product: Product = shop.created(draft());
    let go = |key: &str, force: bool| json!([{ "action": "transitionState", "state": { "key": key }, "force": force }]);
    assert_eq!(
        code(shop.apply(&product, go("checked", false))),
        "InvalidOperation"
    );
    assert_eq!(
        code(shop.apply(&product, go("other", true))),
        "InvalidOperation"
    );
    let product = changed(&mut shop, &product, go("new", false));
    let product = changed(&mut shop, &product, go("checked", false));
    assert!(
        shop.apply(&product, go("new", false)).is_ok(),
        "a state without transitions leads anywhere"
    );
    assert!(shop.apply(&product, go("checked", true)).is_ok());
}
