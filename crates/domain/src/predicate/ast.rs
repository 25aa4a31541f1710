//! What a predicate says, before any name in it has been looked up.

/// A predicate as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// All of them hold.
    And(Vec<Predicate>),
    /// At least one of them holds.
    Or(Vec<Predicate>),
    /// It does not hold.
    Not(Box<Predicate>),
    /// `field(inner)`: it holds for the object, or for one object of the array.
    Nested {
        field: String,
        inner: Box<Predicate>,
    },
    /// `field test`.
    Term { field: String, test: Test },
}

/// What is said about one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `= "a"`.
    Compare(Comparison, Value),
    /// `in (…)`, `not in (…)`.
    In { negated: bool, values: Vec<Value> },
    /// `contains all (…)`, `contains any (…)`.
    Contains { all: bool, values: Vec<Value> },
    /// `is empty`, `is not empty`.
    Empty { negated: bool },
    /// `is defined`, `is not defined`.
    Defined { negated: bool },
    /// `within circle(longitude, latitude, radius in metres)`.
    WithinCircle(Box<[Value; 3]>),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`, `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `"red"`, without quotes and escapes.
    Text(String),
    /// `-12.50`, as written.
    Number(String),
    /// `true`, `false`.
    Boolean(bool),
    /// `:name`, without the colon.
    Variable(String),
}
