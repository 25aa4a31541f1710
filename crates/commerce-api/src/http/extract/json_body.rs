//! JSON bodies, with a size limit and errors that name the member.

use actix_web::web::Bytes;
use domain::{error::DomainError, resource::strip_nulls};
use serde_json::{Map, Value};
use shared::http::body::{Body, BodyError};

use crate::{error::CommerceError, service::resources::Update};

/// Largest accepted body.
pub const BODY_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// What each value of a body takes in memory besides its text, at most.
const VALUE_BYTES: usize = 128;

/// Reads the body.
///
/// # Errors
/// [`CommerceError::PayloadTooLarge`], [`CommerceError::BodyTooSlow`], [`CommerceError::UnsupportedEncoding`], [`CommerceError::OverCapacity`] if other requests have
/// the memory that it needs; [`DomainError::InvalidJson`] if the connection broke.
pub async fn read(body: Body) -> Result<Bytes, CommerceError> {
    body.read_for(BODY_LIMIT_BYTES, weight)
        .await
        .map_err(|error| match error {
            BodyError::TooLarge { limit } => CommerceError::PayloadTooLarge { limit_bytes: limit },
            BodyError::TooSlow => CommerceError::BodyTooSlow,
            BodyError::Coded { coding } => CommerceError::UnsupportedEncoding { coding },
            BodyError::OverCapacity => CommerceError::OverCapacity,
            BodyError::Broken(_) => DomainError::json(error.to_string()).into(),
        })
}

/// What a body takes in memory when it is parsed: each value has one of these characters before it.
fn weight(body: &[u8]) -> usize {
    let values = body
        .iter()
        .filter(|byte| matches!(byte, b'[' | b'{' | b','));
    values.count().saturating_mul(VALUE_BYTES)
}

/// Parses a body as JSON without its `null` members: in requests they mean absent.
///
/// # Errors
/// [`DomainError::InvalidJson`].
pub fn parse(bytes: &[u8]) -> Result<Value, DomainError> {
    let mut value: Value =
        serde_json::from_slice(bytes).map_err(|error| DomainError::json(error.to_string()))?;
    check_storable(&value)?;
    strip_nulls(&mut value);
    Ok(value)
}

/// Longest number in a body, in characters.
const MAX_NUMBER_LENGTH: usize = 128;

/// Largest power of ten a number may be written with, up or down: that of a double. PostgreSQL's `jsonb` takes more, but not
/// any, and one document it cannot read would fail every query over its kind.
const MAX_EXPONENT: u32 = 308;

fn is_in_range(number: &str) -> bool {
    let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let whole = digits.split('.').next().unwrap_or_default();
    let exponent = exponent.parse::<i32>().map_or(u32::MAX, i32::unsigned_abs);
    exponent <= MAX_EXPONENT && whole.len() <= 64
}

/// Refuses what one of the databases could not store or compare: the character U+0000, and numbers beyond the range of
/// a double.
fn check_storable(value: &Value) -> Result<(), DomainError> {
    let check_text = |text: &str| {
        if text.contains('\0') {
            return Err(DomainError::json(
                "texts must not contain the character U+0000",
            ));
        }
        Ok(())
    };
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::String(text) => check_text(text),
        Value::Number(number) => {
            let written = number.as_str();
            if is_in_range(written) && written.len() <= MAX_NUMBER_LENGTH {
                Ok(())
            } else {
                let shown: String = written.chars().take(32).collect();
                Err(DomainError::json(format!(
                    "the number {shown}… is out of range"
                )))
            }
        }
        Value::Array(elements) => elements.iter().try_for_each(check_storable),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            check_text(name)?;
            check_storable(member)
        }),
    }
}

/// Parses a body that must be a JSON object.
///
/// # Errors
/// [`DomainError::InvalidJson`].
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, DomainError> {
    match parse(bytes)? {
        Value::Object(members) => Ok(members),
        _ => Err(DomainError::json("expected a JSON object")),
    }
}

/// Parses `{ "version": n, "actions": [ … ] }`.
///
/// # Errors
/// [`DomainError::InvalidJson`] if either is missing or of another type; what is wrong inside of an action is left in
/// the answer, because a stale version is reported first.
pub fn parse_update<A>(
    bytes: &[u8],
    decode: fn(Vec<Value>) -> Result<Vec<A>, DomainError>,
) -> Result<Update<A>, DomainError> {
    let mut members = parse_object(bytes)?;
    let version = members
        .get("version")
        .ok_or_else(|| DomainError::json("`version`: missing"))?
        .as_i64()
        .ok_or_else(|| DomainError::json("`version`: expected an integer"))?;
    match members.remove("actions") {
        Some(Value::Array(actions)) => Ok(Update {
            version,
            actions: decode(actions),
        }),
        Some(_) => Err(DomainError::json("`actions`: expected an array")),
        None => Err(DomainError::json("`actions`: missing")),
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, weight};

    #[test]
    fn a_body_weighs_by_the_values_it_has() {
        assert_eq!(weight(b"[1,[],{\"a\":2,\"b\":3}]"), 6 * 128);
        assert_eq!(weight(&[b'x'; 1_000_000]), 0);
    }

    #[test]
    fn what_a_database_cannot_hold_is_refused() {
        for body in [
            r#"{"a":"b\u0000"}"#,
            r#"{"a\u0000":1}"#,
            r#"[1e999]"#,
            r#"{"a":[-1e400]}"#,
            "[1e-20000]",
        ] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(parse(br#"{"rate":0.19,"big":9223372036854775807}"#).is_ok());
    }
}
