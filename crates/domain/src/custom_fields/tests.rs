use serde_json::{Map, Value, json};

use super::{CustomFields, CustomFieldsDraft, set_field, set_type};
use crate::{
    catalog::type_definition::TypeDefinition,
    error::DomainError,
    kind::Kind,
    reference::{Reference, ResourceIdentifier},
    resource::Envelope,
    test_world::Surroundings,
};

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn surroundings_with(field_definitions: &Value) -> (Surroundings, TypeDefinition) {
    let mut surroundings = Surroundings::new();
    let definition = surroundings.created::<TypeDefinition>(json!({
        "key": "extra", "name": { "en": "Extra" }, "resourceTypeIds": ["order"],
        "fieldDefinitions": field_definitions,
    }));
    (surroundings, definition)
}

fn field(name: &str, field_type: &Value, required: bool) -> Value {
    json!({ "name": name, "label": { "en": name }, "required": required, "type": field_type })
}

fn resolved(surroundings: &mut Surroundings, values: Value) -> Result<CustomFields, DomainError> {
    CustomFieldsDraft {
        type_identifier: ResourceIdentifier::by_key("extra"),
        fields: fields(values),
    }
    .resolve("order", &mut surroundings.context())
}

/// What is stored for `given` in a field of the type, or `None` if it is refused as an invalid field.
fn stored(field_type: &Value, given: &Value) -> Option<Value> {
    let (mut surroundings, _) = surroundings_with(&json!([field("field", field_type, false)]));
    surroundings
        .world
        .put_bare(Kind::Product, "p1", Some("shoe"));
    match resolved(&mut surroundings, json!({ "field": given })) {
        Ok(custom) => custom.fields.get("field").cloned(),
        Err(DomainError::InvalidField { field, .. }) => {
            assert_eq!(field, "field");
            None
        }
        Err(other) => panic!("unexpected {other:?}"),
    }
}

#[test]
fn plain_values_must_be_of_their_type() {
    let examples = [
        ("Boolean", json!(true), json!("true")),
        ("String", json!("a"), json!(1)),
        ("Number", json!(1.5), json!("1.5")),
        (
            "LocalizedString",
            json!({ "de": "a" }),
            json!({ "not a locale": "a" }),
        ),
        ("LocalizedString", json!({}), json!({ "de": 1 })),
        ("Date", json!("2026-02-28"), json!("2026-02-30")),
        ("Date", json!("2026-02-28"), json!("2026-2-28")),
        ("Time", json!("09:15:00.000"), json!("25:00:00")),
        (
            "DateTime",
            json!("2026-01-31T09:15:00.000Z"),
            json!("2026-01-31"),
        ),
    ];
    for (name, good, bad) in examples {
        let field_type = json!({ "name": name });
        assert_eq!(stored(&field_type, &good), Some(good), "{name}");
        assert_eq!(stored(&field_type, &bad), None, "{name} {bad}");
    }
}

#[test]
fn numbers_keep_every_digit() {
    let exact: Value = serde_json::from_str("12345678901234567890.12345678901234567890").unwrap();
    let kept = stored(&json!({ "name": "Number" }), &exact).unwrap();
    assert_eq!(
        kept.to_string(),
        "12345678901234567890.12345678901234567890"
    );
}

#[test]
fn times_and_instants_are_normalised() {
    assert_eq!(
        stored(&json!({ "name": "Time" }), &json!("09:15")),
        Some(json!("09:15:00.000"))
    );
    assert_eq!(
        stored(
            &json!({ "name": "DateTime" }),
            &json!("2026-01-31T10:15:00+01:00")
        ),
        Some(json!("2026-01-31T09:15:00.000Z"))
    );
}

#[test]
fn money_is_stored_with_its_digits() {
    let money = json!({ "name": "Money" });
    assert_eq!(
        stored(&money, &json!({ "currencyCode": "JPY", "centAmount": 5 })),
        Some(json!({
            "type": "centPrecision", "currencyCode": "JPY", "centAmount": 5, "fractionDigits": 0
        }))
    );
    assert_eq!(stored(&money, &json!({ "currencyCode": "JPY" })), None);
    assert_eq!(
        stored(&money, &json!({ "currencyCode": "??", "centAmount": 5 })),
        None
    );
}

#[test]
fn enumerations_take_their_keys_and_say_which_there_are() {
    let sizes = json!({ "name": "Enum", "values": [
        { "key": "s", "label": "Small" }, { "key": "m", "label": "Medium" }
    ] });
    assert_eq!(stored(&sizes, &json!("m")), Some(json!("m")));
    let (mut surroundings, _) = surroundings_with(&json!([field("size", &sizes, false)]));
    let error = resolved(&mut surroundings, json!({ "size": "Medium" })).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The value 'Medium' is not valid for field 'size'. Allowed values are: s, m."
    );
    let colours =
        json!({ "name": "LocalizedEnum", "values": [{ "key": "r", "label": { "de": "rot" } }] });
    assert_eq!(stored(&colours, &json!("r")), Some(json!("r")));
    assert_eq!(stored(&colours, &json!("rot")), None);
}

#[test]
fn references_are_resolved_and_must_be_of_their_kind() {
    let product = json!({ "name": "Reference", "referenceTypeId": "product" });
    let by_id = json!({ "typeId": "product", "id": "p1" });
    assert_eq!(stored(&product, &by_id), Some(by_id.clone()));
    assert_eq!(
        stored(&product, &json!({ "typeId": "product", "key": "shoe" })),
        Some(by_id)
    );
    assert_eq!(
        stored(&product, &json!({ "typeId": "cart", "id": "p1" })),
        None
    );
    assert_eq!(stored(&product, &json!({ "typeId": "product" })), None);

    let (mut surroundings, _) = surroundings_with(&json!([field("ref", &product, false)]));
    let error = resolved(
        &mut surroundings,
        json!({ "ref": { "typeId": "product", "id": "gone" } }),
    )
    .unwrap_err();
    assert!(matches!(
        error,
        DomainError::ReferencedResourceNotFound {
            kind: Kind::Product,
            ..
        }
    ));
}

#[test]
fn sets_keep_no_duplicates() {
    let times = json!({ "name": "Set", "elementType": { "name": "Time" } });
    assert_eq!(
        stored(&times, &json!(["09:15", "09:15:00.000", "10:00"])),
        Some(json!(["09:15:00.000", "10:00:00.000"]))
    );
    assert_eq!(stored(&times, &json!("09:15")), None);
    assert_eq!(stored(&times, &json!(["09:15", 1])), None);
}

#[test]
fn the_type_must_be_for_the_target() {
    let (mut surroundings, _) = surroundings_with(&json!([]));
    let draft = CustomFieldsDraft {
        type_identifier: ResourceIdentifier::by_key("extra"),
        fields: fields(json!({})),
    };
    let error = draft
        .resolve("customer", &mut surroundings.context())
        .unwrap_err();
    assert!(matches!(error, DomainError::InvalidOperation { .. }));
}

#[test]
fn required_fields_must_be_given_and_unknown_ones_are_refused() {
    let (mut surroundings, _) = surroundings_with(&json!([
        field("note", &json!({ "name": "String" }), true),
        field("free", &json!({ "name": "String" }), false),
    ]));
    assert!(matches!(
        resolved(&mut surroundings, json!({ "free": "x" })),
        Err(DomainError::RequiredField { field }) if field == "note"
    ));
    assert!(matches!(
        resolved(&mut surroundings, json!({ "note": "x", "other": 1 })),
        Err(DomainError::InvalidField { field, .. }) if field == "other"
    ));
    assert!(resolved(&mut surroundings, json!({ "note": "x" })).is_ok());
}

#[test]
fn set_type_replaces_all_fields_and_without_type_removes_them() {
    let (mut surroundings, definition) =
        surroundings_with(&json!([field("note", &json!({ "name": "String" }), false)]));
    let by_id = || Some(ResourceIdentifier::by_id(definition.id()));
    let mut custom = None;
    let mut context = surroundings.context();
    set_type(
        &mut custom,
        by_id(),
        Some(fields(json!({ "note": "a" }))),
        "order",
        &mut context,
    )
    .unwrap();
    assert_eq!(
        custom,
        Some(CustomFields {
            type_reference: Reference::new(Kind::Type, definition.id()),
            fields: fields(json!({ "note": "a" })),
        })
    );
    set_type(&mut custom, by_id(), None, "order", &mut context).unwrap();
    assert_eq!(custom.as_ref().map(|custom| custom.fields.len()), Some(0));
    set_type(&mut custom, None, None, "order", &mut context).unwrap();
    assert_eq!(custom, None);
}

#[test]
fn set_field_sets_and_removes_one_value_of_a_set_type() {
    let (mut surroundings, _) = surroundings_with(&json!([
        field("note", &json!({ "name": "String" }), true),
        field("free", &json!({ "name": "String" }), false),
    ]));
    let mut custom = Some(resolved(&mut surroundings, json!({ "note": "a" })).unwrap());
    let mut context = surroundings.context();
    set_field(&mut custom, "free", Some(json!("b")), &mut context).unwrap();
    assert_eq!(
        serde_json::to_value(&custom).unwrap()["fields"],
        json!({ "note": "a", "free": "b" })
    );
    set_field(&mut custom, "free", None, &mut context).unwrap();
    assert_eq!(
        serde_json::to_value(&custom).unwrap()["fields"],
        json!({ "note": "a" })
    );
    assert!(matches!(
        set_field(&mut custom, "note", Some(Value::Null), &mut context),
        Err(DomainError::RequiredField { .. })
    ));
    assert!(matches!(
        set_field(&mut custom, "other", Some(json!(1)), &mut context),
        Err(DomainError::InvalidField { .. })
    ));
    assert!(matches!(
        set_field(&mut None, "note", Some(json!("a")), &mut context),
        Err(DomainError::InvalidOperation { .. })
    ));
}
