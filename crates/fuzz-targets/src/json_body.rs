//! JSON bodies of the commerce API.

use commerce_api::http::extract::json_body;
use domain::{
    cart::{CartAction, CartDraft, MyCartAction},
    resource::{decode_actions, decode_draft},
};
use serde_json::Value;

use crate::Verdict;

/// A body that is read has nothing that a database could not hold, is read again from what is stored, and is a draft or
/// an update or refused as one, without a panic.
pub fn check(data: &[u8]) -> Verdict {
    let Ok(value) = json_body::parse(data) else {
        return Verdict::Refused;
    };
    let text = value.to_string();
    assert_eq!(
        json_body::parse(text.as_bytes()).ok().as_ref(),
        Some(&value)
    );
    assert!(is_storable(&value), "{text}");
    let is_draft = decode_draft::<CartDraft>(value).is_ok();
    let is_update = json_body::parse_update(data, decode_actions::<CartAction>)
        .is_ok_and(|update| update.actions.is_ok());
    let is_my_update = json_body::parse_update(data, decode_actions::<MyCartAction>)
        .is_ok_and(|update| update.actions.is_ok());
    assert!(
        is_update || !is_my_update,
        "a guest may do what a backend may not: {text}"
    );
    Verdict::from(is_draft || is_update)
}

/// No member is `null`, and U+0000 is nowhere.
fn is_storable(value: &Value) -> bool {
    match value {
        Value::Object(members) => members
            .iter()
            .all(|(name, member)| !name.contains('\0') && !member.is_null() && is_storable(member)),
        Value::Array(elements) => elements.iter().all(is_storable),
        Value::String(text) => !text.contains('\0'),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}
