//! Values of predicates → operands of the type of the field they are compared to.

use super::{
    MAX_NUMBER_LENGTH, MAX_VALUES,
    ast::Value,
    fields::Type,
    number::Decimal,
    parser::malformed,
    resolve::{Resolver, Target},
    resolved::{Circle, MAX_LATITUDE, MAX_LONGITUDE, Operand},
};
use crate::{error::DomainError, timestamp::Timestamp};

/// What is expected of a number, for messages.
const NUMBER: &str = "a number of at most 128 characters";

/// Coordinates are taken to that fraction of a degree.
const PRECISION: f64 = 1e12;

/// A number that both databases take. Without exponent, as in the grammar: PostgreSQL refuses very large ones, and very long
/// ones.
fn number(text: &str) -> Option<Decimal> {
    if text.len() > MAX_NUMBER_LENGTH || text.contains(['e', 'E']) {
        return None;
    }
    Decimal::parse(text)
}

impl Target {
    fn text_operand(&self, text: String) -> Result<Operand, DomainError> {
        match self.field.holds {
            Type::Text | Type::Texts | Type::Any => Ok(Operand::Text(text)),
            Type::DateTime => match Timestamp::parse_in_utc(&text) {
                Some(instant) => Ok(Operand::Instant(instant)),
                None => {
                    Err(self.invalid(&text, "a date-time such as \"2026-01-31T09:15:00.000Z\""))
                }
            },
            Type::Date => match Timestamp::parse_in_utc(&text) {
                Some(instant) => Ok(Operand::Text(instant.date())),
                None => Err(self.invalid(&text, "a date such as \"2026-01-31\"")),
            },
            _ => Err(self.unsupported()),
        }
    }

    fn variable_operand(&self, text: String) -> Result<Operand, DomainError> {
        let number = || number(&text);
        let boolean = || match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        match self.field.holds {
            Type::Number => match number() {
                Some(number) => Ok(Operand::Number(number)),
                None => Err(self.invalid(&text, NUMBER)),
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

impl Resolver<'_> {
    pub(super) fn operand(&self, target: &Target, value: &Value) -> Result<Operand, DomainError> {
        let number = matches!(target.field.holds, Type::Number | Type::Any);
        let boolean = matches!(target.field.holds, Type::Boolean | Type::Any);
        match value {
            Value::Text(text) => target.text_operand(text.clone()),
            Value::Number(text) if number => match self::number(text) {
                Some(number) => Ok(Operand::Number(number)),
                None => Err(target.invalid(text, NUMBER)),
            },
            Value::Boolean(value) if boolean => Ok(Operand::Boolean(*value)),
            Value::Number(_) | Value::Boolean(_) => Err(target.unsupported()),
            Value::Variable(name) => target.variable_operand(self.single(name)?),
        }
    }

    pub(super) fn operands(
        &self,
        target: &Target,
        values: &[Value],
    ) -> Result<Vec<Operand>, DomainError> {
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

    pub(super) fn circle(
        &self,
        target: &Target,
        values: &[Value; 3],
    ) -> Result<Circle, DomainError> {
        let [longitude, latitude, radius] = values;
        let degrees = |value, limit: f64| {
            let degrees = self.float(target, value)?;
            if degrees.abs() > limit {
                let expected = format!("degrees between -{limit} and {limit}");
                return Err(target.invalid(&degrees.to_string(), &expected));
            }
            // What is smaller than an atom is nothing: PostgreSQL reports an underflow where it is squared.
            Ok((degrees * PRECISION).round() / PRECISION)
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
