//! Values of attributes: checked against the product type, and brought into the form in which they are stored.

use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};

use crate::{
    catalog::{
        attribute_definition::{localized_value, plain_value},
        product_type::{
            AttributeConstraint, AttributeDefinition, AttributeLevel, AttributeType, ProductType,
        },
        shape::constraint,
    },
    context::Context,
    error::DomainError,
    kind::Kind,
    localized::is_locale,
    money::Money,
    product::{Attribute, ProductData, ProductVariant},
    reference::ResourceIdentifier,
    strict,
    timestamp::Timestamp,
    world::By,
};

/// The attributes to store on a new product or variant.
///
/// # Errors
/// [`DomainError::InvalidField`] for a value that does not fit, [`DomainError::RequiredField`] for a missing one, an attribute
/// that the product type does not know or that occurs twice.
pub fn resolve(
    given: Vec<Attribute>,
    level: AttributeLevel,
    product_type: &ProductType,
    context: &mut Context<'_>,
) -> Result<Vec<Attribute>, DomainError> {
    let mut attributes: Vec<Attribute> = Vec::with_capacity(given.len());
    for attribute in given {
        if attributes.iter().any(|one| one.name == attribute.name) {
            return Err(DomainError::DuplicateField {
                field: "attributes.name".to_owned(),
                value: attribute.name.into(),
            });
        }
        let definition = definition(&attribute.name, level, product_type)?;
        let value = stored(definition, attribute.value, context)?;
        attributes.push(Attribute {
            name: attribute.name,
            value,
        });
    }
    let missing = product_type.attributes.iter().find(|definition| {
        definition.is_required
            && definition.level == level
            && !attributes.iter().any(|one| one.name == definition.name)
    });
    match missing {
        Some(definition) => Err(DomainError::required(format!(
            "attributes.{}",
            definition.name
        ))),
        None => Ok(attributes),
    }
}

/// The attribute to store, or `None` to remove it.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_one(
    name: &str,
    value: Option<Value>,
    level: AttributeLevel,
    product_type: &ProductType,
    context: &mut Context<'_>,
) -> Result<Option<Attribute>, DomainError> {
    let definition = definition(name, level, product_type)?;
    match value {
        Some(value) => Ok(Some(Attribute {
            name: name.to_owned(),
            value: stored(definition, value, context)?,
        })),
        None if definition.is_required => Err(DomainError::required(format!("attributes.{name}"))),
        None => Ok(None),
    }
}

/// Replaces, adds or removes one attribute; the others keep their places.
pub fn put(attributes: &mut Vec<Attribute>, name: &str, attribute: Option<Attribute>) {
    let at = attributes.iter().position(|one| one.name == name);
    match (at.and_then(|at| attributes.get_mut(at)), attribute) {
        (Some(present), Some(attribute)) => *present = attribute,
        (None, Some(attribute)) => attributes.push(attribute),
        (Some(_), None) => attributes.retain(|one| one.name != name),
        (None, None) => {}
    }
}

fn definition<'a>(
    name: &str,
    level: AttributeLevel,
    product_type: &'a ProductType,
) -> Result<&'a AttributeDefinition, DomainError> {
    product_type
        .find_attribute(name)
        .filter(|definition| definition.level == level)
        .ok_or_else(|| {
            constraint(
                "AttributeNameDoesNotExist",
                format!(
                    "The attribute with name '{name}' is not defined on the product type '{}'.",
                    product_type.name
                ),
                vec![("invalidAttributeName", name.into())],
            )
        })
}

fn stored(
    definition: &AttributeDefinition,
    value: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    stored_value(&definition.name, &definition.attribute_type, value, context)
}

fn stored_value(
    name: &str,
    attribute_type: &AttributeType,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let fits = match attribute_type {
        AttributeType::Boolean => Some(given.clone()).filter(Value::is_boolean),
        AttributeType::Text => Some(given.clone()).filter(Value::is_string),
        AttributeType::Number => Some(given.clone()).filter(Value::is_number),
        AttributeType::LocalizedText => Some(given.clone()).filter(is_localized),
        AttributeType::Money => money(&given),
        AttributeType::Date => given.as_str().and_then(date),
        AttributeType::Time => given.as_str().and_then(time),
        AttributeType::DateTime => given.as_str().and_then(date_time),
        AttributeType::Enum(values) => {
            let known = values
                .iter()
                .map(|value| (value.key.as_str(), plain_value(value)));
            return one_of(name, given, known.collect());
        }
        AttributeType::LocalizedEnum(values) => {
            let known = values
                .iter()
                .map(|value| (value.key.as_str(), localized_value(value)));
            return one_of(name, given, known.collect());
        }
        AttributeType::Reference(type_id) => return reference(name, type_id, given, context),
        AttributeType::Set(element_type) => return set(name, element_type, given, context),
        AttributeType::Nested(product_type) => {
            return nested(name, &product_type.id, given, context);
        }
    };
    fits.ok_or_else(|| invalid(name, given))
}

fn invalid(name: &str, value: Value) -> DomainError {
    DomainError::field(format!("attributes.{name}"), value)
}

fn is_localized(value: &Value) -> bool {
    value.as_object().is_some_and(|texts| {
        texts
            .iter()
            .all(|(locale, text)| is_locale(locale) && text.is_string())
    })
}

/// The value with its label: clients name it by its key, or send back what they were shown.
fn one_of(name: &str, given: Value, known: Vec<(&str, Value)>) -> Result<Value, DomainError> {
    let key = given
        .as_str()
        .or_else(|| given.get("key").and_then(Value::as_str));
    if let Some((_, value)) = known.iter().find(|(known, _)| Some(*known) == key) {
        return Ok(value.clone());
    }
    Err(DomainError::InvalidField {
        field: format!("attributes.{name}"),
        value: given,
        allowed: known.into_iter().map(|(key, _)| key.into()).collect(),
    })
}

/// An amount in the shape of TypedMoney; `None` covers every way in which it is none.
fn money(given: &Value) -> Option<Value> {
    let draft: Money = strict::from_value(given.clone()).ok()?;
    serde_json::to_value(draft.typed().ok()?).ok()
}

fn date(text: &str) -> Option<Value> {
    let parsed: NaiveDate = text.parse().ok()?;
    Some(parsed.format("%Y-%m-%d").to_string().into())
}

fn time(text: &str) -> Option<Value> {
    let parsed = NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()?;
    Some(parsed.format("%H:%M:%S%.3f").to_string().into())
}

fn date_time(text: &str) -> Option<Value> {
    Timestamp::parse(text)
        .filter(|_| text.contains(['T', 't']))
        .map(|instant| instant.to_string().into())
}

fn reference(
    name: &str,
    type_id: &str,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let text = |member: &str| given.get(member).and_then(Value::as_str).map(str::to_owned);
    let (id, key) = (text("id"), text("key"));
    if text("typeId").is_some_and(|named| named != type_id) || id.is_some() == key.is_some() {
        return Err(invalid(name, given));
    }
    // Kinds that are not stored here cannot be looked up: kept as they are, if they have an id.
    let Some(kind) = Kind::from_type_id(type_id) else {
        return match id {
            Some(id) => Ok(json!({ "typeId": type_id, "id": id })),
            None => Err(invalid(name, given)),
        };
    };
    let identifier = ResourceIdentifier {
        type_id: Some(kind),
        id,
        key,
    };
    let found = context.world.reference(kind, &identifier)?;
    Ok(json!({ "typeId": type_id, "id": found.id }))
}

fn set(
    name: &str,
    element_type: &AttributeType,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let Value::Array(elements) = given else {
        return Err(invalid(name, given));
    };
    let mut kept: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements {
        let element = stored_value(name, element_type, element, context)?;
        if !kept.contains(&element) {
            kept.push(element);
        }
    }
    Ok(Value::Array(kept))
}

/// A list of attributes of another product type.
fn nested(
    name: &str,
    product_type_id: &str,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let Ok(attributes) = strict::from_value::<Vec<Attribute>>(given.clone()) else {
        return Err(invalid(name, given));
    };
    let product_type = context
        .world
        .get::<ProductType>(By::Id(product_type_id))?
        .ok_or_else(|| DomainError::ReferencedResourceNotFound {
            kind: Kind::ProductType,
            identifier: ResourceIdentifier::by_id(product_type_id),
        })?;
    let mut stored = Vec::with_capacity(attributes.len());
    for attribute in attributes {
        let definition = definition(&attribute.name, AttributeLevel::Variant, &product_type)?;
        let path = format!("{name}.{}", attribute.name);
        let attribute_type = &definition.attribute_type;
        let value = stored_value(&path, attribute_type, attribute.value, context)?;
        stored.push(json!({ "name": attribute.name, "value": value }));
    }
    Ok(Value::Array(stored))
}

/// Accepts the variants of a product under the constraints of its type.
///
/// # Errors
/// `DuplicateAttributeValue`, `DuplicateAttributeValues`; [`DomainError::InvalidField`] for a value that is not the same for
/// all.
pub fn check_constraints(
    data: &ProductData,
    product_type: &ProductType,
) -> Result<(), DomainError> {
    let constrained = |wanted: AttributeConstraint| {
        product_type
            .attributes
            .iter()
            .filter(move |definition| definition.attribute_constraint == wanted)
            .map(|definition| definition.name.as_str())
    };
    for name in constrained(AttributeConstraint::SameForAll) {
        check_same(data, name)?;
    }
    for name in constrained(AttributeConstraint::Unique) {
        if let Some(attributes) = twice(data, &[name]) {
            return Err(constraint(
                "DuplicateAttributeValue",
                format!("Attribute can't have the same value in a different variant: {name}."),
                vec![(
                    "attribute",
                    attributes.into_iter().next().unwrap_or_default(),
                )],
            ));
        }
    }
    let combined: Vec<&str> = constrained(AttributeConstraint::CombinationUnique).collect();
    match twice(data, &combined) {
        Some(attributes) => Err(constraint(
            "DuplicateAttributeValues",
            format!(
                "The set of attributes must be unique across all variants: {}.",
                combined.join(", ")
            ),
            vec![("attributes", Value::Array(attributes))],
        )),
        None => Ok(()),
    }
}

fn check_same(data: &ProductData, name: &str) -> Result<(), DomainError> {
    let expected = data.master_variant.attribute(name);
    match data
        .variants
        .iter()
        .map(|variant| variant.attribute(name))
        .find(|value| *value != expected)
    {
        Some(other) => Err(DomainError::InvalidField {
            field: format!("attributes.{name}"),
            value: other.cloned().unwrap_or_default(),
            allowed: expected.cloned().into_iter().collect(),
        }),
        None => Ok(()),
    }
}

/// The attributes `names` of a variant that has the same values as an earlier one; variants without any of them do not count.
fn twice(data: &ProductData, names: &[&str]) -> Option<Vec<Value>> {
    let combination = |variant: &ProductVariant| -> Vec<Option<Value>> {
        names
            .iter()
            .map(|name| variant.attribute(name).cloned())
            .collect()
    };
    let mut seen: Vec<Vec<Option<Value>>> = Vec::new();
    for variant in data.all_variants() {
        let values = combination(variant);
        if values.iter().all(Option::is_none) {
            continue;
        }
        if seen.contains(&values) {
            let shown = names.iter().zip(values);
            return Some(
                shown
                    .map(|(name, value)| json!({ "name": name, "value": value }))
                    .collect(),
            );
        }
        seen.push(values);
    }
    None
}
