//! [`Predicate`] → [`Resolved`]: every name looked up, every value of the type of its field.

use super::{
    MAX_VALUES, Variables,
    ast::{Comparison, Predicate, Test, Value},
    fields::{ANY_NAMES, Field, Fields, Table, Type, find},
    instants::{as_stored, equal, with_stored},
    number::Decimal,
    parser::malformed,
    resolved::{
        Check, Circle, Condition, Elements, FieldTest, MAX_LATITUDE, MAX_LONGITUDE, Operand, Order,
        Path, Resolved, Segment, Spread,
    },
};
use crate::{error::DomainError, kind::Kind, timestamp::Timestamp};

/// Checks a predicate against the fields of a kind of resource and fills in its variables.
///
/// # Errors
/// [`DomainError::InvalidInput`] for an unknown field, an expression that a field's type does not support, a value
/// that does not parse, a variable without value, or too many values.
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
    let place = Place {
        fields: table.0,
        path: Vec::new(),
        shown: String::new(),
    };
    let condition = Resolver { variables }.condition(predicate, &place)?;
    Ok(Resolved { condition })
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
struct Target {
    field: &'static Field,
    path: Path,
    shown: String,
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
    fn unsupported(&self) -> DomainError {
        malformed(&format!(
            "The field '{}' does not support this expression.",
            self.shown
        ))
    }

    fn invalid(&self, value: &str, expected: &str) -> DomainError {
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
            check,
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

    fn text_operand(&self, text: String) -> Result<Operand, DomainError> {
        match self.field.holds {
            Type::Text | Type::Texts | Type::Any => Ok(Operand::Text(text)),
            Type::DateTime => match Timestamp::parse(&text) {
                Some(instant) => Ok(Operand::Instant(instant)),
                None => {
                    Err(self.invalid(&text, "a date-time such as \"2026-01-31T09:15:00.000Z\""))
                }
            },
            Type::Date => match Timestamp::parse(&text) {
                Some(instant) => Ok(Operand::Text(instant.date())),
                None => Err(self.invalid(&text, "a date such as \"2026-01-31\"")),
            },
            _ => Err(self.unsupported()),
        }
    }

    fn variable_operand(&self, text: String) -> Result<Operand, DomainError> {
        // Without exponent, as in the grammar: PostgreSQL refuses very large ones.
        let number = || Decimal::parse(&text).filter(|_| !text.contains(['e', 'E']));
        let boolean = || match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        match self.field.holds {
            Type::Number => match number() {
                Some(number) => Ok(Operand::Number(number)),
                None => Err(self.invalid(&text, "a number")),
            },
            Type::Boolean => match boolean() {
                Some(boolean) => Ok(Operand::Boolean(boolean)),
                None => Err(self.invalid(&text, "true or false")),
            },
            Type::Any => Ok(Operand::Untyped {
                number: number(),
                boolean: boolean(),
                text,
            }),
            _ => self.text_operand(text),
        }
    }
}

struct Resolver<'v> {
    variables: &'v Variables,
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
        let each = |operand| target.check(equal(target.field, Spread::Elements, operand));
        Ok(Condition::All(operands.into_iter().map(each).collect()))
    }

    fn operand(&self, target: &Target, value: &Value) -> Result<Operand, DomainError> {
        let number = matches!(target.field.holds, Type::Number | Type::Any);
        let boolean = matches!(target.field.holds, Type::Boolean | Type::Any);
        match value {
            Value::Text(text) => target.text_operand(text.clone()),
            Value::Number(text) if number => Decimal::parse(text)
                .map(Operand::Number)
                .ok_or_else(|| target.unsupported()),
            Value::Boolean(value) if boolean => Ok(Operand::Boolean(*value)),
            Value::Number(_) | Value::Boolean(_) => Err(target.unsupported()),
            Value::Variable(name) => target.variable_operand(self.single(name)?),
        }
    }

    fn operands(&self, target: &Target, values: &[Value]) -> Result<Vec<Operand>, DomainError> {
        let mut operands = Vec::new();
        for value in values {
            if let Value::Variable(name) = value {
                for text in self.all(name)? {
                    operands.push(target.variable_operand(text.clone())?);
                }
            } else {
                operands.push(self.operand(target, value)?);
            }
        }
        if operands.len() > MAX_VALUES {
            return Err(malformed(&format!(
                "The field '{}' is compared to {} values, at most {MAX_VALUES} are allowed.",
                target.shown,
                operands.len()
            )));
        }
        Ok(operands)
    }

    fn all(&self, name: &str) -> Result<&[String], DomainError> {
        let values = self.variables.get(name).filter(|values| !values.is_empty());
        let values = values.ok_or_else(|| {
            malformed(&format!(
                "The variable ':{name}' has no value; give it one with the parameter 'var.{name}'."
            ))
        })?;
        // Neither database can hold it in text, so nothing stored can equal it.
        if values.iter().any(|value| value.contains('\0')) {
            return Err(malformed(&format!(
                "The value of the variable ':{name}' contains the character U+0000."
            )));
        }
        Ok(values)
    }

    fn single(&self, name: &str) -> Result<String, DomainError> {
        match self.all(name)? {
            [only] => Ok(only.clone()),
            several => Err(malformed(&format!(
                "The variable ':{name}' has {} values where exactly one is expected.",
                several.len()
            ))),
        }
    }

    fn circle(&self, target: &Target, values: &[Value; 3]) -> Result<Circle, DomainError> {
        let [longitude, latitude, radius] = values;
        let degrees = |value, limit: f64| {
            let degrees = self.float(target, value)?;
            if degrees.abs() > limit {
                let expected = format!("degrees between -{limit} and {limit}");
                return Err(target.invalid(&degrees.to_string(), &expected));
            }
            Ok(degrees)
        };
        Ok(Circle {
            longitude: degrees(longitude, MAX_LONGITUDE)?,
            latitude: degrees(latitude, MAX_LATITUDE)?,
            radius: self.float(target, radius)?,
        })
    }

    fn float(&self, target: &Target, value: &Value) -> Result<f64, DomainError> {
        let text = match value {
            Value::Number(text) | Value::Text(text) => text.clone(),
            Value::Variable(name) => self.single(name)?,
            Value::Boolean(_) => return Err(target.unsupported()),
        };
        text.parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .ok_or_else(|| target.invalid(&text, "a number"))
    }
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

fn negated_if(negated: bool, condition: Condition) -> Condition {
    if negated { not(condition) } else { condition }
}
