//! The look-up by unique values that a predicate allows: by order number, e-mail address, sku, slug.

use domain::{
    customer::Customer,
    identity::ids::ProjectKey,
    predicate::{Check, Condition, FieldTest, Namespace, Operand, Order, Segment},
};
use shared::db::{Dialect, statement::Statement};

use super::columns::{json_array, json_text};

/// A condition that every document fulfilling the predicate fulfils, answered by an index; `None` if there is none.
pub(super) fn narrowing(
    condition: &Condition,
    project: &ProjectKey,
    dialect: Dialect,
) -> Option<Statement> {
    match condition {
        Condition::All(parts) => parts
            .iter()
            .find_map(|part| narrowing(part, project, dialect)),
        Condition::Some { inner, .. } => narrowing(inner, project, dialect),
        Condition::Field(test) => by_value(test, project, dialect),
        Condition::Any(_) | Condition::Not(_) => None,
    }
}

fn by_value(test: &FieldTest, project: &ProjectKey, dialect: Dialect) -> Option<Statement> {
    let namespace = test.unique?;
    let operands = match &test.check {
        Check::Compare(_, Order::Equal, operand) => std::slice::from_ref(operand),
        Check::OneOf(_, operands) => operands,
        _ => return None,
    };
    let mut values = Vec::new();
    for operand in operands {
        let Operand::Text(text) = operand else {
            return None;
        };
        values.push(match namespace {
            Namespace::EmailsUnder(_) => Customer::email_key(text),
            Namespace::Only(_) | Namespace::PerName(_) => text.clone(),
        });
    }
    let found =
        Statement::new("d.id IN (SELECT u.document_id FROM unique_values u WHERE u.project_key = ")
            .text(project.as_str());
    let found = among(found.sql(" AND u.value"), &values, dialect);
    let found = within(found.sql(" AND u.namespace"), namespace, test, project)?;
    Some(found.sql(")"))
}

fn among(left: Statement, values: &[String], dialect: Dialect) -> Statement {
    if let [only] = values {
        return left.sql(" = ").text(only.as_str());
    }
    let (before, after) = match dialect {
        Dialect::Sqlite => (" IN (SELECT value FROM json_each(", "))"),
        Dialect::Postgres => (
            " = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(",
            " AS jsonb))))",
        ),
    };
    let values = json_array(values.iter().map(|value| json_text(value)));
    left.sql(before).text(values).sql(after)
}

fn within(
    left: Statement,
    namespace: Namespace,
    test: &FieldTest,
    project: &ProjectKey,
) -> Option<Statement> {
    Some(match namespace {
        Namespace::Only(name) => left.sql(" = ").text(name),
        Namespace::PerName(name) => {
            let last = test.path.last().map(Segment::name)?;
            left.sql(" = ").text(format!("{name}:{last}"))
        }
        // Namespaces are few, so their names are read from the index one by one.
        Namespace::EmailsUnder(prefix) => left
            .sql(
                " IN (WITH RECURSIVE known(namespace) AS (\
                 SELECT min(a.namespace) FROM unique_values a WHERE a.project_key = ",
            )
            .text(project.as_str())
            .sql(
                " UNION ALL SELECT (SELECT min(a.namespace) FROM unique_values a WHERE a.project_key = ",
            )
            .text(project.as_str())
            .sql(
                " AND a.namespace > known.namespace) FROM known WHERE known.namespace IS NOT NULL) \
                 SELECT namespace FROM known WHERE namespace LIKE ",
            )
            .text(format!("{prefix}%"))
            .sql(")"),
    })
}
