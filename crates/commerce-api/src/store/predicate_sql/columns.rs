//! Tests that the columns of a row answer without its document.

use domain::predicate::{Check, Column, Condition, FieldTest, Operand, Order};
use shared::db::{Dialect, statement::Statement};

/// Whether a condition asks for nothing but columns.
pub(super) fn suffice(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(suffice),
        Condition::Not(inner) => suffice(inner),
        Condition::Some { .. } => false,
        Condition::Field(test) => test.column.is_some(),
    }
}

pub(super) const fn name(column: Column) -> &'static str {
    match column {
        Column::Id => "d.id",
        Column::Key => "d.key",
        Column::Version => "d.version",
        Column::CreatedAt => "d.created_at",
        Column::LastModifiedAt => "d.last_modified_at",
        Column::CustomerId => "d.customer_id",
        Column::AnonymousId => "d.anonymous_id",
        Column::State => "d.state",
        Column::StoreKey => "d.store_key",
        // A customer of several stores has a row for each, all with the same value.
        Column::EmailKey => {
            "(SELECT min(m.value) FROM unique_values m WHERE m.project_key = d.project_key AND m.document_id = d.id \
             AND m.kind = 'customer' AND m.namespace LIKE 'customer-email:%')"
        }
    }
}

/// The column test of a field that has a column. It may be NULL where the column is.
pub(super) fn test(test: &FieldTest, dialect: Dialect) -> Option<Statement> {
    let column = name(test.column?);
    let statement = Statement::new(column);
    Some(match &test.check {
        Check::Compare(_, order, operand) => {
            compare(statement.sql(operator(*order)), operand, dialect)
        }
        Check::OneOf(_, operands) => one_of(statement, operands, dialect),
        Check::Defined => statement.sql(" IS NOT NULL"),
        // No column holds an array or a place.
        Check::Each(_) | Check::Empty | Check::NotEmpty | Check::Within(_) => {
            Statement::new("FALSE")
        }
    })
}

pub(super) const fn operator(order: Order) -> &'static str {
    match order {
        Order::Equal => " = ",
        Order::Less => " < ",
        Order::LessOrEqual => " <= ",
        Order::Greater => " > ",
        Order::GreaterOrEqual => " >= ",
    }
}

fn compare(left: Statement, operand: &Operand, dialect: Dialect) -> Statement {
    match operand {
        Operand::Text(text) | Operand::Untyped { text, .. } => left.text(text.as_str()),
        Operand::Instant(instant) => left.big_int(instant.millis()),
        Operand::Number(number) => match number.integer() {
            Some(integer) => left.big_int(integer),
            None => {
                let (before, after) = number_cast(dialect);
                left.sql(before).text(number.to_string()).sql(after)
            }
        },
        // Resolving never compares a column to a truth value.
        Operand::Boolean(_) => Statement::new("FALSE"),
    }
}

/// What turns a bound text into a number.
pub(super) const fn number_cast(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Sqlite => ("CAST(", " AS REAL)"),
        Dialect::Postgres => ("CAST(", " AS numeric)"),
    }
}

/// One bound JSON array instead of a value each: the text is the same for any number of values.
fn one_of(column: Statement, operands: &[Operand], dialect: Dialect) -> Statement {
    let numeric = operands
        .iter()
        .any(|operand| matches!(operand, Operand::Number(_) | Operand::Instant(_)));
    let values = json_array(operands.iter().map(|operand| match operand {
        Operand::Instant(instant) => instant.millis().to_string(),
        Operand::Number(number) => number.to_string(),
        Operand::Text(text) | Operand::Untyped { text, .. } => json_text(text),
        Operand::Boolean(value) => value.to_string(),
    }));
    let (before, after) = match (dialect, numeric) {
        (Dialect::Sqlite, _) => (" IN (SELECT value FROM json_each(", "))"),
        (Dialect::Postgres, false) => (
            " = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(",
            " AS jsonb))))",
        ),
        (Dialect::Postgres, true) => (
            " = ANY(ARRAY(SELECT CAST(jsonb_array_elements_text(CAST(",
            " AS jsonb)) AS numeric)))",
        ),
    };
    column.sql(before).text(values).sql(after)
}

/// The JSON values that an operand stands for.
pub(super) fn json_forms(operand: &Operand) -> Vec<String> {
    match operand {
        Operand::Text(text) => vec![json_text(text)],
        Operand::Number(number) => vec![number.to_string()],
        Operand::Boolean(value) => vec![value.to_string()],
        Operand::Instant(instant) => vec![json_text(&instant.to_string())],
        Operand::Untyped {
            text,
            number,
            boolean,
        } => {
            let mut forms = vec![json_text(text)];
            forms.extend(number.as_ref().map(ToString::to_string));
            forms.extend(boolean.map(|value| value.to_string()));
            forms
        }
    }
}

pub(super) fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn json_array(elements: impl Iterator<Item = String>) -> String {
    let elements: Vec<String> = elements.collect();
    format!("[{}]", elements.join(","))
}
