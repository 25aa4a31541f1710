//! A predicate whose names and values have been checked: what evaluators and compilers work on.

use super::{
    fields::{Column, Namespace},
    number::Decimal,
};
use crate::{customer::Customer, timestamp::Timestamp};

/// A predicate that fits its resource: evaluating or compiling it cannot fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// What must hold for the whole document.
    pub condition: Condition,
}

impl Resolved {
    /// The predicate that holds where all of these hold, and everywhere for none.
    #[must_use]
    pub fn all(predicates: Vec<Self>) -> Self {
        let conditions = predicates.into_iter().map(|predicate| predicate.condition);
        Self {
            condition: Condition::All(conditions.collect()),
        }
    }
}

/// What must hold for an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
    /// One of these elements fulfils the inner condition, whose paths start at the element.
    Some {
        path: Path,
        elements: Elements,
        inner: Box<Condition>,
    },
    /// A test of one field.
    Field(FieldTest),
}

/// Which elements an array condition ranges over. An element that is no object has no fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    /// Those of the array at the path; none if there is no array.
    OfArray,
    /// Those of the array at the path; if there is no array, whatever is there, even nothing.
    OneOrMany,
    /// Those of the array `variants` beside the path's end, after the object `masterVariant` beside it.
    Variants,
}

/// Names from the object at hand down to a value.
pub type Path = Vec<Segment>;

/// One name of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// From the field table: ASCII letters only.
    Known(&'static str),
    /// From the user: anything but quotes, backslashes and control characters.
    Named(String),
}

impl Segment {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Named(name) => name,
        }
    }
}

/// A test of the value at a path.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldTest {
    /// Where the value is.
    pub path: Path,
    /// Where the database has the same value.
    pub column: Option<Column>,
    /// Where the database looks documents up by the value. It may find more documents than have the value at the path,
    /// never fewer.
    pub unique: Option<Namespace>,
    /// Whether the text is an e-mail address, to be taken in the form in which these are compared. Operands are in it.
    pub lowercase: bool,
    /// What must hold.
    pub check: Check,
}

/// What must hold for a value; false for one of another type, and for none.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// It compares like this.
    Compare(Spread, Order, Operand),
    /// It equals one of these.
    OneOf(Spread, Vec<Operand>),
    /// It is an array that has an element for each of these, equal to one of its alternatives.
    Each(Vec<Vec<Operand>>),
    /// It is there and not null.
    Defined,
    /// It is an array without elements.
    Empty,
    /// It is an array with elements.
    NotEmpty,
    /// It is a GeoJSON point inside.
    Within(Circle),
}

impl Check {
    /// The same; if its operands are e-mail addresses, with them in the form in which these are compared.
    pub(super) fn in_form(self, of_emails: bool) -> Self {
        if !of_emails {
            return self;
        }
        let compared = |operand| match operand {
            Operand::Text(text) => Operand::Text(Customer::email_key(&text)),
            other => other,
        };
        match self {
            Self::Compare(spread, order, operand) => {
                Self::Compare(spread, order, compared(operand))
            }
            Self::OneOf(spread, operands) => {
                Self::OneOf(spread, operands.into_iter().map(compared).collect())
            }
            other => other,
        }
    }
}

/// Which values a check looks at; one that fulfils it is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The value itself.
    Itself,
    /// The elements of the array; none if it is no array.
    Elements,
    /// The elements if it is an array, else the value itself.
    OneOrMany,
}

/// A comparison that missing values do not fulfil.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What a value is compared to.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A text, compared by code points.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A truth value; only ever compared for equality.
    Boolean(bool),
    /// An instant; documents have it as text that sorts like time.
    Instant(Timestamp),
    /// The value of a variable where the field may hold any type: it is of the type it is compared to.
    Untyped {
        text: String,
        number: Option<Decimal>,
        boolean: Option<bool>,
    },
}

/// An area on the globe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    /// Of the centre, in degrees.
    pub longitude: f64,
    /// Of the centre, in degrees.
    pub latitude: f64,
    /// In metres.
    pub radius: f64,
}

/// Longitudes lie between this and its opposite, in degrees.
pub const MAX_LONGITUDE: f64 = 180.0;

/// Latitudes lie between this and its opposite, in degrees.
pub const MAX_LATITUDE: f64 = 90.0;
