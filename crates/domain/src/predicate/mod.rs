//! The language of `where` and `sort`: text → [`Predicate`] → [`Resolved`] → SQL, or a plain yes or no.
//!
//! ```text
//! predicate  = and, { "or", and }
//! and        = unary, { "and", unary }
//! unary      = "not", "(", predicate, ")" | "(", predicate, ")" | term
//! term       = field, "(", predicate, ")"
//!            | field, ( "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ), value
//!            | field, [ "not" ], "in", values
//!            | field, "contains", ( "all" | "any" ), values
//!            | field, "is", [ "not" ], ( "empty" | "defined" )
//!            | field, "within", "circle", "(", value, ",", value, ",", value, ")"
//! values     = "(", value, { ",", value }, ")" | variable
//! value      = string | number | "true" | "false" | variable
//! variable   = ":", ( letter | digit | "_" ), { letter | digit | "_" }
//! field      = ( letter | digit | "_" | "-" ), { … } | "`", { any character but "`" }, "`"
//! string     = '"', { character | "\", ( '"' | "\" | "/" | "b" | "f" | "n" | "r" | "t" | "u", 4 hex digits ) }, '"'
//! number     = [ "-" ], digits, [ ".", digits ]
//! ```
//!
//! Keywords ignore case, names and strings do not. `and` binds tighter than `or`. [`parse`] knows the grammar only;
//! [`resolve`] checks every name against the field table of a [`Kind`](crate::kind::Kind) and gives every value its type, so that what
//! works on a [`Resolved`] predicate (here [`evaluate`](Resolved::evaluate), in the commerce API the SQL compiler) has no errors left to
//! report.

mod ast;
mod budget;
mod evaluate;
mod fields;
mod instants;
mod number;
mod operands;
mod parser;
mod resolve;
mod resolved;
mod sort;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;

pub use ast::{Comparison, Predicate, Test, Value};
pub use budget::check_query_string;
pub use fields::{Column, Namespace, Table};
pub use number::Decimal;
pub use parser::parse;
pub use resolve::{resolve, resolve_all, resolve_in};
pub use resolved::{
    Check, Circle, Condition, Elements, FieldTest, MAX_LATITUDE, MAX_LONGITUDE, Operand, Order,
    Path, Resolved, Segment, Spread,
};
pub use sort::{Sort, SortValue, compare, parse_sort, parse_sorts_in};

/// At most this many bytes in one predicate: 500 ids fit, escaped or not.
pub const MAX_LENGTH: usize = 32 * 1024;

/// At most this many parentheses inside one another, whether of groups, of `not` or of fields.
pub const MAX_DEPTH: usize = 32;

/// At most this many values after `in` or `contains`, counting the values of variables.
pub const MAX_VALUES: usize = 500;

/// At most this many values in all predicates of a request, counting a variable's each time it is used.
pub const MAX_VALUES_TOGETHER: usize = 2000;

/// At most this many bytes in those values.
pub const MAX_VALUE_BYTES: usize = 256 * 1024;

/// At most this much work in all predicates of a request. A test counts 1, one that looks through an array or a value that may
/// be one counts 2, as does each `field(…)` on such; a circle counts 50. Inside of `n` arrays all of it counts `n + 1` times.
pub const MAX_COST: usize = 500;

/// At most this many bytes in a query string, as it is sent: what 500 ids take, twice.
pub const MAX_QUERY_BYTES: usize = 60 * 1024;

/// At most this many parameters in a query string.
pub const MAX_PARAMETERS: usize = 2500;

/// At most this many characters in a number.
pub const MAX_NUMBER_LENGTH: usize = 128;

/// At most this many sort keys in a request.
pub const MAX_SORTS: usize = 10;

/// The values of input variables: `var.name=a&var.name=b` is `name` → `["a", "b"]`.
pub type Variables = BTreeMap<String, Vec<String>>;
