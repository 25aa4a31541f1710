//! Date-times where only the data knows that they are some: custom fields and attributes.
//!
//! They are stored as [`Timestamp`] writes them, and compared as text. A client may write the same instant in another
//! way, without milliseconds or with another offset, which as text is another value.

use super::{
    fields::Field,
    resolved::{Check, Operand, Order, Spread},
};
use crate::timestamp::Timestamp;

/// The operand as its instant is stored; `None` if it is none, or written so already.
pub(super) fn as_stored(field: &Field, operand: &Operand) -> Option<Operand> {
    let text = match operand {
        Operand::Text(text) => text,
        Operand::Untyped {
            text,
            number: None,
            boolean: None,
        } => text,
        _ => return None,
    };
    // A plain date parses too, but is one: stored as it is written.
    if !field.instants || !text.contains(['T', 't', ' ']) {
        return None;
    }
    let stored = Timestamp::parse_in_utc(text)?.to_string();
    (stored != *text).then_some(Operand::Text(stored))
}

/// Each operand, and after it what it is stored as if it is an instant: the field may be one of texts after all.
pub(super) fn with_stored(field: &Field, operands: Vec<Operand>) -> Vec<Operand> {
    operands
        .into_iter()
        .flat_map(|operand| {
            let stored = as_stored(field, &operand);
            std::iter::once(operand).chain(stored)
        })
        .collect()
}

/// The operand, and what it is stored as if it is an instant: a value that equals one of them is what was asked for.
pub(super) fn alternatives(field: &Field, operand: Operand) -> Vec<Operand> {
    with_stored(field, vec![operand])
}

/// That a value equals the operand, or what it is stored as if it is an instant.
pub(super) fn equal(field: &Field, spread: Spread, operand: Operand) -> Check {
    match as_stored(field, &operand) {
        Some(stored) => Check::OneOf(spread, vec![operand, stored]),
        None => Check::Compare(spread, Order::Equal, operand),
    }
}
