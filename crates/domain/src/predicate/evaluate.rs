//! A resolved predicate against one document, in memory.
//!
//! This is what predicates mean; the SQL compiler of the commerce API is tested against it.

use std::{cmp::Ordering, slice};

use serde_json::Value;

use super::{
    number::Decimal,
    resolved::{
        Check, Circle, Condition, Elements, FieldTest, MAX_LATITUDE, MAX_LONGITUDE, Operand, Order,
        Resolved, Segment, Spread,
    },
};
use crate::customer::Customer;

impl Resolved {
    /// Whether the document of a resource fulfils the predicate.
    #[must_use]
    pub fn evaluate(&self, document: &Value) -> bool {
        holds(&self.condition, document)
    }
}

fn holds(condition: &Condition, object: &Value) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(part, object)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, object)),
        Condition::Not(inner) => !holds(inner, object),
        Condition::Field(test) => fulfils(test, value_at(object, &test.path)),
        Condition::Some {
            path,
            elements,
            inner,
        } => some_holds(inner, *elements, object, path),
    }
}

fn some_holds(inner: &Condition, elements: Elements, object: &Value, path: &[Segment]) -> bool {
    let array = value_at(object, path).and_then(Value::as_array);
    let in_array = |array: &Vec<Value>| array.iter().any(|element| holds(inner, element));
    match elements {
        Elements::OfArray => array.is_some_and(in_array),
        Elements::OneOrMany => match array {
            Some(array) => in_array(array),
            None => holds(inner, value_at(object, path).unwrap_or(&Value::Null)),
        },
        Elements::Variants => {
            let beside = path.split_last().map_or(path, |(_, beside)| beside);
            let master = value_at(object, beside)
                .and_then(|data| data.get("masterVariant"))
                .filter(|master| master.is_object());
            master.is_some_and(|master| holds(inner, master)) || array.is_some_and(in_array)
        }
    }
}

pub(super) fn value_at<'v>(object: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter()
        .try_fold(object, |value, segment| value.get(segment.name()))
}

fn fulfils(test: &FieldTest, value: Option<&Value>) -> bool {
    let array = value.and_then(Value::as_array);
    match &test.check {
        Check::Compare(spread, order, operand) => spread_over(*spread, value)
            .iter()
            .any(|value| compares(value, *order, operand, test.lowercase)),
        Check::OneOf(spread, operands) => spread_over(*spread, value).iter().any(|value| {
            operands
                .iter()
                .any(|operand| compares(value, Order::Equal, operand, test.lowercase))
        }),
        Check::Each(wanted) => array.is_some_and(|elements| {
            wanted.iter().all(|alternatives| {
                let equals_one = |element| {
                    alternatives
                        .iter()
                        .any(|operand| compares(element, Order::Equal, operand, test.lowercase))
                };
                elements.iter().any(equals_one)
            })
        }),
        Check::Defined => value.is_some_and(|value| !value.is_null()),
        Check::Empty => array.is_some_and(Vec::is_empty),
        Check::NotEmpty => array.is_some_and(|array| !array.is_empty()),
        Check::Within(circle) => value.is_some_and(|value| lies_within(value, circle)),
    }
}

fn spread_over(spread: Spread, value: Option<&Value>) -> &[Value] {
    match (spread, value) {
        (_, None) => &[],
        (Spread::Elements | Spread::OneOrMany, Some(Value::Array(elements))) => elements,
        (Spread::Elements, Some(_)) => &[],
        (Spread::Itself | Spread::OneOrMany, Some(value)) => slice::from_ref(value),
    }
}

fn compares(value: &Value, order: Order, operand: &Operand, lowercase: bool) -> bool {
    let found = match value {
        Value::String(text) => {
            let lowered;
            let text = if lowercase {
                lowered = Customer::email_key(text);
                &lowered
            } else {
                text
            };
            match operand {
                Operand::Text(wanted) | Operand::Untyped { text: wanted, .. } => {
                    Some(text.as_str().cmp(wanted))
                }
                Operand::Instant(instant) => Some(text.as_str().cmp(&instant.to_string())),
                Operand::Number(_) | Operand::Boolean(_) => None,
            }
        }
        Value::Number(number) => match operand {
            Operand::Number(wanted)
            | Operand::Untyped {
                number: Some(wanted),
                ..
            } => Decimal::parse(number.as_str()).map(|number| number.cmp(wanted)),
            _ => None,
        },
        Value::Bool(value) => match operand {
            Operand::Boolean(wanted)
            | Operand::Untyped {
                boolean: Some(wanted),
                ..
            } => return order == Order::Equal && value == wanted,
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    found.is_some_and(|found| fits(found, order))
}

fn fits(found: Ordering, order: Order) -> bool {
    match order {
        Order::Equal => found.is_eq(),
        Order::Less => found.is_lt(),
        Order::LessOrEqual => found.is_le(),
        Order::Greater => found.is_gt(),
        Order::GreaterOrEqual => found.is_ge(),
    }
}

/// Mean radius of the earth in metres.
const EARTH_RADIUS: f64 = 6_371_008.8;

impl Circle {
    /// The haversine (sin² of half the angle) of the radius: no point of the globe has more than 1.
    #[must_use]
    pub fn haversine(&self) -> f64 {
        if self.radius < 0.0 {
            return -1.0;
        }
        let half = self.radius / (2.0 * EARTH_RADIUS);
        if half >= std::f64::consts::FRAC_PI_2 {
            return 2.0;
        }
        half.sin().powi(2)
    }

    /// Whether a position in degrees is at most the radius away from the centre along a great circle.
    fn contains(&self, longitude: f64, latitude: f64) -> bool {
        let half_sine_squared = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let haversine = half_sine_squared(latitude - self.latitude)
            + self.latitude.to_radians().cos()
                * latitude.to_radians().cos()
                * half_sine_squared(longitude - self.longitude);
        haversine <= self.haversine()
    }
}

fn lies_within(point: &Value, circle: &Circle) -> bool {
    let coordinate = |at: usize, limit: f64| {
        let number = point.get("coordinates")?.get(at)?.as_number()?;
        let degrees: f64 = number.as_str().parse().ok()?;
        (degrees.abs() <= limit).then_some(degrees)
    };
    match (coordinate(0, MAX_LONGITUDE), coordinate(1, MAX_LATITUDE)) {
        (Some(longitude), Some(latitude)) => circle.contains(longitude, latitude),
        _ => false,
    }
}
