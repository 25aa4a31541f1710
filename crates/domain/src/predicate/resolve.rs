//! [`Predicate`] → [`Resolved`]: every name looked up, every value of the type of its field.

use super::{
    Variables,
    ast::{Comparison, Predicate, Test, Value},
    budget,
    fields::{ANY_NAMES, Field, Fields, Table, Type, find},
    instants::{alternatives, as_stored, equal, with_stored},
    parser::{malformed, parse},
    resolved::{
        Check, Condition, Elements, FieldTest, Operand, Order, Path, Resolved, Segment, Spread,
    },
};
use crate::{error::DomainError, kind::Kind};

/// Checks a predicate against the fields of a kind of resource and fills in its variables.
///
/// # Errors
/// [`DomainError::InvalidInput`] for an unknown field, an expression that a field's type does not support, a value
/// that does not parse, a variable without value, too many values, or a predicate that is too much work.
pub fn resolve(
    predicate: &Predicate,
    kind: Kind,
    variables: &Variables,
) -> Result<Resolved, DomainError> {
    resolve_in(predicate, Table::of(kind), variables)
}

/// As [`resolve`], against a field table that is not that of a kind.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_in(
    predicate: &Predicate,
    table: Table,
    variables: &Variables,
) -> Result<Resolved, DomainError> {
    let conditions = resolve_together(std::slice::from_ref(predicate), table, variables)?;
    Ok(Resolved {
        condition: all_hold(conditions),
    })
}

/// Reads and checks the predicates of one request, all of which must hold: what they may ask for is bounded together.
///
/// # Errors
/// As [`parse`] and [`resolve`].
pub fn resolve_all(
    texts: &[String],
    table: Table,
    variables: &Variables,
) -> Result<Resolved, DomainError> {
    let predicates: Vec<Predicate> = texts
        .iter()
        .map(|text| parse(text))
        .collect::<Result<_, _>>()?;
    let conditions = resolve_together(&predicates, table, variables)?;
    Ok(Resolved {
        condition: all_hold(conditions),
    })
}

fn resolve_together(
    predicates: &[Predicate],
    table: Table,
    variables: &Variables,
) -> Result<Vec<Condition>, DomainError> {
    budget::check_values(predicates, variables)?;
    let place = Place {
        fields: table.0,
        path: Vec::new(),
        shown: String::new(),
    };
    let resolver = Resolver { variables };
    let conditions: Vec<Condition> = predicates
        .iter()
        .map(|predicate| resolver.condition(predicate, &place))
        .collect::<Result<_, _>>()?;
    budget::check_cost(&conditions)?;
    Ok(conditions)
}

/// The object whose fields are being named.
struct Place {
    fields: Fields,
    /// From the document, or from the element of the innermost array.
    path: Path,
    /// From the document, for messages.
    shown: String,
}

/// A field at its place.
pub(super) struct Target {
    pub(super) field: &'static Field,
    path: Path,
    pub(super) shown: String,
}

impl Place {
    fn target(&self, name: &str) -> Result<Target, DomainError> {
        let shown = if self.shown.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.shown)
        };
        let field = find(self.fields, name)
            .ok_or_else(|| malformed(&format!("The field '{shown}' does not exist.")))?;
        let mut path = self.path.clone();
        path.extend(segments(field, name).map_err(|problem| malformed(&problem))?);
        Ok(Target { field, path, shown })
    }
}

/// The steps from an object to the value of its field.
pub(super) fn segments(field: &Field, name: &str) -> Result<Path, String> {
    if let Some(at) = field.at {
        return Ok(at.iter().copied().map(Segment::Known).collect());
    }
    if field.is_listed() {
        return Ok(vec![Segment::Known(field.name)]);
    }
    // SQLite's paths have no way to write these.
    let unwritable = |c: char| c == '"' || c == '\\' || c.is_control();
    if name.is_empty() || name.contains(unwritable) {
        return Err(format!("The field name '{name}' cannot be queried."));
    }
    Ok(vec![Segment::Named(name.to_owned())])
}

impl Target {
    pub(super) fn unsupported(&self) -> DomainError {
        malformed(&format!(
            "The field '{}' does not support this expression.",
            self.shown
        ))
    }

    pub(super) fn invalid(&self, value: &str, expected: &str) -> DomainError {
        malformed(&format!(
            "The value '{value}' is not valid for the field '{}': expected {expected}.",
            self.shown
        ))
    }

    fn check(&self, check: Check) -> Condition {
        Condition::Field(FieldTest {
            path: self.path.clone(),
            column: self.field.column,
            unique: self.field.unique,
            lowercase: self.field.lowercase,
            check: check.in_form(self.field.lowercase),
        })
    }

    /// Which values a comparison looks at, if the field can be compared.
    fn spread(&self) -> Result<Spread, DomainError> {
        match self.field.holds {
            Type::Text | Type::Number | Type::Boolean | Type::DateTime | Type::Date => {
                Ok(Spread::Itself)
            }
            Type::Texts => Ok(Spread::Elements),
            Type::Any => Ok(Spread::OneOrMany),
            Type::Point | Type::Object(_) | Type::Objects(_) | Type::Variants(_) => {
                Err(self.unsupported())
            }
        }
    }
}

pub(super) struct Resolver<'v> {
    pub(super) variables: &'v Variables,
}

impl Resolver<'_> {
    fn condition(&self, predicate: &Predicate, place: &Place) -> Result<Condition, DomainError> {
        let all = |parts: &[Predicate]| -> Result<Vec<Condition>, DomainError> {
            parts
                .iter()
                .map(|part| self.condition(part, place))
                .collect()
        };
        match predicate {
            Predicate::And(parts) => all(parts).map(Condition::All),
            Predicate::Or(parts) => all(parts).map(Condition::Any),
            Predicate::Not(inner) => self.condition(inner, place).map(not),
            Predicate::Nested { field, inner } => self.nested(&place.target(field)?, inner),
            Predicate::Term { field, test } => self.term(&place.target(field)?, test),
        }
    }

    fn nested(&self, target: &Target, inner: &Predicate) -> Result<Condition, DomainError> {
        let (fields, elements) = match target.field.holds {
            // An object's fields are those of the whole: they lie a step further down.
            Type::Object(fields) => {
                let place = Place {
                    fields,
                    path: target.path.clone(),
                    shown: target.shown.clone(),
                };
                return self.condition(inner, &place);
            }
            Type::Objects(fields) => (fields, Elements::OfArray),
            Type::Variants(fields) => (fields, Elements::Variants),
            Type::Any | Type::Point => (ANY_NAMES, Elements::OneOrMany),
            _ => return Err(target.unsupported()),
        };
        let place = Place {
            fields,
            path: Vec::new(),
            shown: target.shown.clone(),
        };
        Ok(Condition::Some {
            path: target.path.clone(),
            elements,
            inner: Box::new(self.condition(inner, &place)?),
        })
    }

    fn term(&self, target: &Target, test: &Test) -> Result<Condition, DomainError> {
        match test {
            Test::Compare(comparison, value) => self.comparison(target, *comparison, value),
            Test::In { negated, values } => {
                let operands = with_stored(target.field, self.operands(target, values)?);
                let found = target.check(Check::OneOf(target.spread()?, operands));
                Ok(negated_if(*negated, found))
            }
            Test::Contains { all, values } => self.contains(target, *all, values),
            Test::Empty { negated } => match target.field.holds {
                Type::Texts | Type::Objects(_) | Type::Variants(_) | Type::Any => {
                    Ok(target.check(if *negated {
                        Check::NotEmpty
                    } else {
                        Check::Empty
                    }))
                }
                _ => Err(target.unsupported()),
            },
            Test::Defined { negated } => Ok(negated_if(*negated, target.check(Check::Defined))),
            Test::WithinCircle(values) => {
                let Type::Point = target.field.holds else {
                    return Err(target.unsupported());
                };
                self.circle(target, values)
                    .map(|circle| target.check(Check::Within(circle)))
            }
        }
    }

    fn comparison(
        &self,
        target: &Target,
        comparison: Comparison,
        value: &Value,
    ) -> Result<Condition, DomainError> {
        let spread = target.spread()?;
        let operand = self.operand(target, value)?;
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let unordered = matches!(target.field.holds, Type::Texts | Type::Boolean)
            || matches!(operand, Operand::Boolean(_));
        if !equality && unordered {
            return Err(target.unsupported());
        }
        let order = match comparison {
            Comparison::Equal | Comparison::NotEqual => {
                let found = target.check(equal(target.field, spread, operand));
                return Ok(negated_if(comparison == Comparison::NotEqual, found));
            }
            Comparison::Less => Order::Less,
            Comparison::LessOrEqual => Order::LessOrEqual,
            Comparison::Greater => Order::Greater,
            Comparison::GreaterOrEqual => Order::GreaterOrEqual,
        };
        let operand = as_stored(target.field, &operand).unwrap_or(operand);
        Ok(target.check(Check::Compare(spread, order, operand)))
    }

    fn contains(
        &self,
        target: &Target,
        all: bool,
        values: &[Value],
    ) -> Result<Condition, DomainError> {
        let (Type::Texts | Type::Any) = target.field.holds else {
            return Err(target.unsupported());
        };
        let operands = self.operands(target, values)?;
        if !all {
            let operands = with_stored(target.field, operands);
            return Ok(target.check(Check::OneOf(Spread::Elements, operands)));
        }
        let each = |operand| alternatives(target.field, operand);
        Ok(target.check(Check::Each(operands.into_iter().map(each).collect())))
    }
}

fn all_hold(mut conditions: Vec<Condition>) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            Condition::All(conditions)
        }
    }
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn negated_if(negated: bool, condition: Condition) -> Condition {
    if negated { not(condition) } else { condition }
}
