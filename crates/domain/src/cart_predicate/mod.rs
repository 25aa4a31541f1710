//! The language of cart predicates: which carts a shipping method is for.
//!
//! ```text
//! predicate = and, { "or", and }
//! and       = unary, { "and", unary }
//! unary     = "not", unary | "(", predicate, ")" | "true" | "false" | subject, test
//! subject   = field, { ".", field } | function, "(", predicate, ")" | literal
//! test      = ( "=" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ), literal
//!           | [ "not" ], "in", literals
//!           | "contains", ( literal | ( "all" | "any" ), literals )
//!           | "is", [ "not" ], ( "empty" | "defined" )
//! literals  = "(", literal, { ",", literal }, ")"
//! literal   = string in double quotes | number | "true" | "false"
//! ```
//!
//! Money is a string: `totalPrice >= "800.00 EUR"`. Keywords ignore case. Unlike in the `where` of a query, names are
//! dotted, and the predicate inside of a function is about one line at a time.
//!
//! Source: <https://docs.commercetools.com/api/predicates/predicate-operators#cart-predicates>.

mod ast;
mod evaluate;
mod facts;
mod names;
mod parser;
#[cfg(test)]
mod tests;
mod token;

use crate::{cart::Cart, context::Context, error::DomainError};

/// A predicate whose grammar and names are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartPredicate(ast::Condition);

impl CartPredicate {
    /// Reads a predicate.
    ///
    /// # Errors
    /// [`DomainError::PredicateSyntax`] for a text that is not of the grammar, [`DomainError::PredicateSemantics`] for
    /// unknown names and values that do not fit them.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let condition = parser::parse(text)?;
        names::check(&condition, names::Scope::Cart)?;
        Ok(Self(condition))
    }

    /// Whether it holds for the cart, whose totals are up to date.
    ///
    /// Totals are those of the goods: what shipping costs does not decide how a cart is shipped.
    ///
    /// # Errors
    /// [`DomainError::World`], [`DomainError::MoneyOverflow`].
    pub fn holds(&self, cart: &Cart, context: &mut Context<'_>) -> Result<bool, DomainError> {
        let facts = facts::gather(&self.0, cart, context)?;
        evaluate::holds(&self.0, &facts.cart, &facts)
    }
}
