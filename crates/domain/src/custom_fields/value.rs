//! Values of custom fields: checked, and brought into the form in which they are stored.

use chrono::{NaiveDate, NaiveTime};
use serde_json::{Value, json};

use crate::{
    catalog::field_definition::FieldType, context::Context, error::DomainError, kind::Kind,
    localized::is_locale, money::Money, reference::ResourceIdentifier, strict,
    timestamp::Timestamp,
};

/// The stored form of a value of the field `name`.
///
/// # Errors
/// [`DomainError::InvalidField`] for a value of another type; [`DomainError::ReferencedResourceNotFound`].
pub(super) fn stored(
    name: &str,
    field_type: &FieldType,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let fits = match field_type {
        FieldType::Boolean {} => Some(given.clone()).filter(Value::is_boolean),
        FieldType::String {} => Some(given.clone()).filter(Value::is_string),
        FieldType::Number {} => Some(given.clone()).filter(Value::is_number),
        FieldType::LocalizedString {} => Some(given.clone()).filter(is_localized),
        FieldType::Enum { values } => {
            return one_of(name, given, values.iter().map(|value| value.key.as_str()));
        }
        FieldType::LocalizedEnum { values } => {
            return one_of(name, given, values.iter().map(|value| value.key.as_str()));
        }
        FieldType::Money {} => money(&given),
        FieldType::Date {} => given.as_str().and_then(date).map(Value::from),
        FieldType::Time {} => given.as_str().and_then(time).map(Value::from),
        FieldType::DateTime {} => given.as_str().and_then(date_time).map(Value::from),
        FieldType::Reference { reference_type_id } => {
            return reference(name, reference_type_id, given, context);
        }
        FieldType::Set { element_type } => return set(name, element_type, given, context),
    };
    fits.ok_or_else(|| DomainError::field(name, given))
}

fn is_localized(value: &Value) -> bool {
    value.as_object().is_some_and(|texts| {
        texts
            .iter()
            .all(|(locale, text)| is_locale(locale) && text.is_string())
    })
}

fn one_of<'a>(
    name: &str,
    given: Value,
    keys: impl Iterator<Item = &'a str> + Clone,
) -> Result<Value, DomainError> {
    if keys.clone().any(|key| given.as_str() == Some(key)) {
        return Ok(given);
    }
    Err(DomainError::InvalidField {
        field: name.to_owned(),
        value: given,
        allowed: keys.map(Value::from).collect(),
    })
}

/// An amount in the shape of TypedMoney; `None` covers every way in which it is none.
fn money(given: &Value) -> Option<Value> {
    let draft: Money = strict::from_value(given.clone()).ok()?;
    serde_json::to_value(draft.typed().ok()?).ok()
}

fn date(text: &str) -> Option<String> {
    let parsed: NaiveDate = text.parse().ok()?;
    let printed = parsed.format("%Y-%m-%d").to_string();
    (printed == text).then_some(printed)
}

fn time(text: &str) -> Option<String> {
    let parsed = NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
        .or_else(|_no_seconds| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()?;
    Some(parsed.format("%H:%M:%S%.3f").to_string())
}

fn date_time(text: &str) -> Option<String> {
    let with_time = text.contains(['T', 't', ' ']);
    Timestamp::parse(text)
        .filter(|_| with_time)
        .map(|instant| instant.to_string())
}

fn reference(
    name: &str,
    type_id: &str,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let text = |member: &str| given.get(member).and_then(Value::as_str).map(str::to_owned);
    let (id, key) = (text("id"), text("key"));
    let named_once = id.is_some() != key.is_some();
    if text("typeId").as_deref() != Some(type_id) || !named_once {
        return Err(DomainError::field(name, given));
    }
    // Kinds that are not stored here cannot be looked up: kept as they are, if they have an id.
    let Some(kind) = Kind::from_type_id(type_id) else {
        return match id {
            Some(id) => Ok(json!({ "typeId": type_id, "id": id })),
            None => Err(DomainError::field(name, given)),
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
    element_type: &FieldType,
    given: Value,
    context: &mut Context<'_>,
) -> Result<Value, DomainError> {
    let Value::Array(elements) = given else {
        return Err(DomainError::field(name, given));
    };
    let mut kept: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements {
        let element = stored(name, element_type, element, context)?;
        if !kept.contains(&element) {
            kept.push(element);
        }
    }
    Ok(Value::Array(kept))
}
