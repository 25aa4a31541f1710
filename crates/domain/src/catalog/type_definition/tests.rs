use serde_json::{Value, json};

use super::TypeDefinition;
use crate::{
    error::DomainError,
    test_world::{Surroundings, shown},
};

fn field(name: &str, field_type: Value) -> Value {
    json!({ "name": name, "label": { "en": name }, "required": false, "type": field_type })
}

fn text(name: &str) -> Value {
    field(name, json!({ "name": "String" }))
}

fn draft(key: &str, resource_type_ids: &[&str], fields: &[Value]) -> Value {
    json!({
        "key": key, "name": { "en": key }, "resourceTypeIds": resource_type_ids, "fieldDefinitions": fields
    })
}

#[test]
fn a_type_keeps_every_kind_of_field() {
    let types = [
        json!({ "name": "Boolean" }),
        json!({ "name": "String" }),
        json!({ "name": "LocalizedString" }),
        json!({ "name": "Enum", "values": [{ "key": "a", "label": "A" }] }),
        json!({ "name": "LocalizedEnum", "values": [{ "key": "a", "label": { "en": "A" } }] }),
        json!({ "name": "Number" }),
        json!({ "name": "Money" }),
        json!({ "name": "Date" }),
        json!({ "name": "Time" }),
        json!({ "name": "DateTime" }),
        json!({ "name": "Reference", "referenceTypeId": "product" }),
        json!({ "name": "Set", "elementType": { "name": "Reference", "referenceTypeId": "cart" } }),
    ];
    let mut fields = Vec::new();
    for (at, field_type) in types.into_iter().enumerate() {
        let mut one = field(&format!("field-{at}"), field_type);
        one["inputHint"] = json!("MultiLine");
        fields.push(one);
    }
    let mut surroundings = Surroundings::new();
    let body = draft("all-kinds", &["order", "customer"], &fields);
    let definition: TypeDefinition = surroundings.create(body.clone()).unwrap();
    assert_eq!(shown(&definition), body);
    let text = serde_json::to_string(&definition).unwrap();
    assert_eq!(
        serde_json::from_str::<TypeDefinition>(&text).unwrap(),
        definition
    );
}

#[test]
fn unknown_members_of_a_field_type_are_ignored_even_if_they_are_numbers() {
    let mut surroundings = Surroundings::new();
    let fields = [field("size", json!({ "name": "String", "extra": 1 }))];
    let definition: TypeDefinition = surroundings
        .create(draft("extra", &["order"], &fields))
        .unwrap();
    assert_eq!(
        shown(&definition)["fieldDefinitions"][0]["type"],
        json!({ "name": "String" })
    );
}

#[test]
fn every_action_changes_what_it_names() {
    let mut surroundings = Surroundings::new();
    let fields = [
        text("first"),
        field(
            "size",
            json!({ "name": "Enum", "values": [{ "key": "s", "label": "S" }] }),
        ),
        field(
            "tags",
            json!({ "name": "Set", "elementType": {
                "name": "LocalizedEnum", "values": [{ "key": "x", "label": { "en": "X" } }]
            } }),
        ),
    ];
    let definition = surroundings.created::<TypeDefinition>(draft("type", &["order"], &fields));
    let changed = surroundings
        .apply(
            &definition,
            json!([
                { "action": "addEnumValue", "fieldName": "size", "value": { "key": "m", "label": "M" } },
                { "action": "changeEnumValueLabel", "fieldName": "size", "value": { "key": "s", "label": "Small" } },
                { "action": "changeEnumValueOrder", "fieldName": "size", "keys": ["m", "s"] },
                { "action": "addLocalizedEnumValue", "fieldName": "tags",
                  "value": { "key": "y", "label": { "en": "Y" } } },
                { "action": "changeLocalizedEnumValueLabel", "fieldName": "tags",
                  "value": { "key": "x", "label": { "en": "Ex" } } },
                { "action": "changeLocalizedEnumValueOrder", "fieldName": "tags", "keys": ["y", "x"] },
                { "action": "addFieldDefinition", "fieldDefinition": text("last") },
                { "action": "changeFieldDefinitionOrder", "fieldNames": ["last", "first", "tags", "size"] },
                { "action": "removeFieldDefinition", "fieldName": "first" },
                { "action": "changeLabel", "fieldName": "last", "label": { "en": "Last" } },
                { "action": "changeFieldDefinitionLabel", "fieldName": "size", "label": { "en": "Size" } },
                { "action": "changeInputHint", "fieldName": "last", "inputHint": "MultiLine" },
                { "action": "changeKey", "key": "changed" },
                { "action": "changeName", "name": { "en": "Changed" } },
                { "action": "setDescription", "description": { "en": "d" } },
            ]),
        )
        .unwrap();
    assert_eq!(
        shown(&changed),
        json!({
            "key": "changed", "name": { "en": "Changed" }, "description": { "en": "d" },
            "resourceTypeIds": ["order"],
            "fieldDefinitions": [
                { "name": "last", "label": { "en": "Last" }, "required": false, "inputHint": "MultiLine",
                  "type": { "name": "String" } },
                { "name": "tags", "label": { "en": "tags" }, "required": false, "inputHint": "SingleLine",
                  "type": { "name": "Set", "elementType": { "name": "LocalizedEnum", "values": [
                      { "key": "y", "label": { "en": "Y" } }, { "key": "x", "label": { "en": "Ex" } }
                  ] } } },
                { "name": "size", "label": { "en": "Size" }, "required": false, "inputHint": "SingleLine",
                  "type": { "name": "Enum", "values": [
                      { "key": "m", "label": "M" }, { "key": "s", "label": "Small" }
                  ] } },
            ],
        })
    );
}

#[test]
fn actions_on_what_is_not_there_are_refused() {
    let mut surroundings = Surroundings::new();
    let definition =
        surroundings.created::<TypeDefinition>(draft("type", &["order"], &[text("first")]));
    for action in [
        json!({ "action": "removeFieldDefinition", "fieldName": "gone" }),
        json!({ "action": "changeLabel", "fieldName": "gone", "label": { "en": "x" } }),
        json!({ "action": "addEnumValue", "fieldName": "first", "value": { "key": "a", "label": "A" } }),
        json!({ "action": "changeFieldDefinitionOrder", "fieldNames": [] }),
        json!({ "action": "changeFieldDefinitionOrder", "fieldNames": ["first", "first"] }),
        json!({ "action": "changeFieldDefinitionOrder", "fieldNames": ["other"] }),
    ] {
        let result = surroundings.apply(&definition, json!([action]));
        assert!(
            matches!(result, Err(DomainError::InvalidOperation { .. })),
            "{action}: {result:?}"
        );
    }
}

#[test]
fn names_of_fields_are_unique_and_shaped() {
    let mut surroundings = Surroundings::new();
    let mut created =
        |fields: &[Value]| surroundings.create::<TypeDefinition>(draft("type", &["order"], fields));
    assert!(matches!(
        created(&[text("twice"), text("twice")]),
        Err(DomainError::DuplicateField { .. })
    ));
    for wrong in ["a", "with space", &"x".repeat(257)] {
        assert!(
            matches!(
                created(&[text(wrong)]),
                Err(DomainError::InvalidField { .. })
            ),
            "{wrong}"
        );
    }
    let twice = json!({ "name": "Enum", "values": [{ "key": "a", "label": "A" }, { "key": "a", "label": "B" }] });
    assert!(matches!(
        created(&[field("size", twice)]),
        Err(DomainError::DuplicateField { .. })
    ));
}

#[test]
fn one_name_has_one_type_on_each_kind_of_resource() {
    let mut surroundings = Surroundings::new();
    surroundings.created::<TypeDefinition>(draft("one", &["order", "line-item"], &[text("note")]));
    let number = field("note", json!({ "name": "Number" }));
    let conflicting = draft("two", &["order"], std::slice::from_ref(&number));
    assert!(matches!(
        surroundings.create::<TypeDefinition>(conflicting),
        Err(DomainError::InvalidOperation { .. })
    ));
    let elsewhere = draft("three", &["customer"], &[number]);
    assert!(surroundings.create::<TypeDefinition>(elsewhere).is_ok());
    let same = draft("four", &["order"], &[text("note")]);
    assert!(surroundings.create::<TypeDefinition>(same).is_ok());
}

#[test]
fn a_field_may_come_back_with_another_type_once_it_is_removed() {
    let mut surroundings = Surroundings::new();
    let definition =
        surroundings.created::<TypeDefinition>(draft("type", &["order"], &[text("note")]));
    let changed = surroundings.apply(
        &definition,
        json!([
            { "action": "removeFieldDefinition", "fieldName": "note" },
            { "action": "addFieldDefinition", "fieldDefinition": field("note", json!({ "name": "Number" })) },
        ]),
    );
    assert!(changed.is_ok(), "{changed:?}");
}

#[test]
fn a_type_is_for_known_kinds_of_resources() {
    let mut surroundings = Surroundings::new();
    for wrong in [&[][..], &["cart"][..]] {
        assert!(
            surroundings
                .create::<TypeDefinition>(draft("type", wrong, &[]))
                .is_err(),
            "{wrong:?}"
        );
    }
}
