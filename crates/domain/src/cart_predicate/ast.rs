//! What a cart predicate says.

use crate::predicate::{Comparison, Decimal};

/// A predicate, about a cart or inside of a function about one of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Each of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
    /// `true`, `1 = 1` and the like.
    Constant(bool),
    /// Something about a field: its name, part by part.
    Field(Vec<String>, Test),
    /// Something about lines.
    Lines(Function, Box<Condition>, Test),
}

/// What is asked about the lines that fulfil a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    LineItemCount,
    LineItemTotal,
    LineItemExists,
    ForAllLineItems,
    CustomLineItemCount,
    CustomLineItemTotal,
}

impl Function {
    pub(super) const ALL: [(&'static str, Self); 6] = [
        ("lineItemCount", Self::LineItemCount),
        ("lineItemTotal", Self::LineItemTotal),
        ("lineItemExists", Self::LineItemExists),
        ("forAllLineItems", Self::ForAllLineItems),
        ("customLineItemCount", Self::CustomLineItemCount),
        ("customLineItemTotal", Self::CustomLineItemTotal),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, function)| *function)
    }
}

/// What is said about a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Compare(Comparison, Literal),
    In { negated: bool, values: Vec<Literal> },
    Contains { all: bool, values: Vec<Literal> },
    Empty { negated: bool },
    Defined { negated: bool },
}

/// A value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    Text(String),
    Number(Decimal),
    Boolean(bool),
}

/// The currency and the amount of a text such as `800.00 EUR`.
pub(super) fn money(text: &str) -> Option<(&str, Decimal)> {
    let (amount, currency) = text.split_once(' ')?;
    let known = crate::money::Currency::parse(currency).is_some();
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    if !known || !amount.bytes().all(plain) {
        return None;
    }
    Some((currency, Decimal::parse(amount)?))
}
