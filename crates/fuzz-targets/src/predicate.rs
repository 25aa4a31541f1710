//! Predicates, the language of `where`.

use commerce_api::store::predicate_sql;
use domain::{
    kind::Kind,
    predicate::{
        Comparison, MAX_LENGTH, Predicate, Resolved, Test, Value, Variables, parse, parse_sort,
        resolve,
    },
};
use serde_json::json;
use shared::db::Dialect;

use crate::Verdict;

/// A predicate that is read means the same when it is written down again and read once more; one whose names are known
/// holds for a cart exactly if its contrary does not, and makes SQL of bounded size.
pub fn check(data: &[u8]) -> Verdict {
    let Some(text) = std::str::from_utf8(data).ok() else {
        return Verdict::Refused;
    };
    for kind in [Kind::Cart, Kind::Product] {
        // Refused or not, without a panic.
        let _outcome = parse_sort(text, kind);
    }
    let Ok(predicate) = parse(text) else {
        return Verdict::Refused;
    };
    let written = written(&predicate);
    if written.len() <= MAX_LENGTH {
        assert_eq!(parse(&written).ok().as_ref(), Some(&predicate), "{written}");
    }
    let variables = Variables::from([("who".to_owned(), vec!["anna".to_owned()])]);
    for kind in Kind::ALL {
        let contrary = Predicate::Not(Box::new(predicate.clone()));
        let resolved = resolve(&predicate, *kind, &variables);
        let reversed = resolve(&contrary, *kind, &variables);
        assert_eq!(resolved.is_ok(), reversed.is_ok(), "{written}");
        if let (Ok(resolved), Ok(reversed)) = (resolved, reversed) {
            let cart = cart();
            assert_ne!(
                resolved.evaluate(&cart),
                reversed.evaluate(&cart),
                "{written}"
            );
            check_size(&resolved, &written);
        }
    }
    Verdict::Accepted
}

/// Whatever is accepted makes a statement that a database plans in no time.
fn check_size(resolved: &Resolved, written: &str) {
    const MOST_BYTES: usize = 256 * 1024;
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let statement = format!("{:?}", predicate_sql::compile(resolved, dialect));
        let bound = MOST_BYTES + 8 * written.len();
        assert!(statement.len() <= bound, "{}: {written}", statement.len());
    }
}

fn cart() -> serde_json::Value {
    json!({
        "id": "c-1", "version": 3, "createdAt": "2027-01-15T08:00:00.000Z", "anonymousId": "anna", "cartState": "Active",
        "totalPrice": { "type": "centPrecision", "currencyCode": "EUR", "centAmount": 1990, "fractionDigits": 2 },
        "lineItems": [{ "id": "l-1", "quantity": 2, "productId": "p-1", "name": { "en": "Cup" } }],
    })
}

/// The shortest text with the same meaning: parentheses only where the grammar wants them.
fn written(predicate: &Predicate) -> String {
    match predicate {
        Predicate::And(parts) => joined(parts, " and ", |part| {
            matches!(part, Predicate::And(_) | Predicate::Or(_))
        }),
        Predicate::Or(parts) => joined(parts, " or ", |part| matches!(part, Predicate::Or(_))),
        Predicate::Not(inner) => format!("not({})", written(inner)),
        Predicate::Nested { field, inner } => format!("`{field}`({})", written(inner)),
        Predicate::Term { field, test } => format!("`{field}` {}", test_written(test)),
    }
}

fn joined(parts: &[Predicate], word: &str, needs_parentheses: fn(&Predicate) -> bool) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match needs_parentheses(part) {
            true => format!("({})", written(part)),
            false => written(part),
        })
        .collect();
    parts.join(word)
}

fn test_written(test: &Test) -> String {
    let negation = |negated: &bool| if *negated { "not " } else { "" };
    match test {
        Test::Compare(comparison, value) => {
            format!("{} {}", sign(*comparison), value_written(value))
        }
        Test::In { negated, values } => format!("{}in {}", negation(negated), list(values)),
        Test::Contains { all: true, values } => format!("contains all {}", list(values)),
        Test::Contains { all: false, values } => format!("contains any {}", list(values)),
        Test::Empty { negated } => format!("is {}empty", negation(negated)),
        Test::Defined { negated } => format!("is {}defined", negation(negated)),
        Test::WithinCircle(circle) => format!("within circle{}", list(circle.as_slice())),
    }
}

const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn list(values: &[Value]) -> String {
    let values: Vec<String> = values.iter().map(value_written).collect();
    format!("({})", values.join(", "))
}

fn value_written(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        Value::Number(number) => number.clone(),
        Value::Boolean(value) => value.to_string(),
        Value::Variable(name) => format!(":{name}"),
    }
}
