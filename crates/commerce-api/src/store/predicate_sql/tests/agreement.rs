//! For random documents, predicates and sort keys: both databases and the evaluator agree.

use std::collections::BTreeMap;

use domain::{
    kind::Kind,
    predicate::{Sort, compare, parse_sort},
};
use proptest::{
    collection::vec,
    prelude::Strategy,
    sample::subsequence,
    strategy::ValueTree,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::Value;

use super::{Stored, generate, id, resolved};

const DOCUMENTS: usize = 250;
const PREDICATES: u32 = 1000;

fn carts(runner: &mut TestRunner) -> Vec<Value> {
    (0..DOCUMENTS)
        .map(|number| generate::cart(number).new_tree(runner).unwrap().current())
        .collect()
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn databases_select_what_the_evaluator_selects() {
    let mut runner = runner(PREDICATES);
    let stored = Stored::everywhere(Kind::Cart, &carts(&mut runner));
    let one = |value: &str| vec![value.to_owned()];
    let variables = BTreeMap::from([
        ("text".to_owned(), one("ä")),
        ("number".to_owned(), one("10")),
        ("boolean".to_owned(), one("true")),
    ]);
    let selective = std::cell::Cell::new(0);
    runner
        .run(&generate::predicate(), |predicate| {
            let resolved = resolved(Kind::Cart, &predicate, &variables);
            for database in &stored {
                let expected = database.expected(&resolved);
                let selected = database.selected(&resolved).map_err(TestCaseError::fail)?;
                if let Some(id) = difference(&expected, &selected) {
                    let document = database
                        .documents
                        .iter()
                        .find(|one| one["id"] == id.as_str());
                    let dialect = database.test.database.dialect();
                    let wanted = expected.contains(&id);
                    return Err(TestCaseError::fail(format!(
                        "{dialect:?}: expected {wanted} for {document:?}"
                    )));
                }
                if !expected.is_empty() && expected.len() < DOCUMENTS {
                    selective.set(selective.get() + 1);
                }
            }
            Ok(())
        })
        .unwrap();
    // Otherwise the test would prove nothing.
    assert!(selective.get() > PREDICATES / 2, "{}", selective.get());
}

fn difference(left: &[String], right: &[String]) -> Option<String> {
    let only =
        |one: &[String], other: &[String]| one.iter().find(|id| !other.contains(id)).cloned();
    only(left, right).or_else(|| only(right, left))
}

#[test]
fn databases_sort_as_the_evaluator_sorts() {
    let mut runner = runner(100);
    let stored = Stored::everywhere(Kind::Cart, &carts(&mut runner));
    let fields = vec![
        "key",
        "version",
        "createdAt",
        "cartState",
        "store.key",
        "country",
        "locale",
        "totalPrice.centAmount",
        "totalPrice.currencyCode",
        "custom.fields.a",
        "custom.fields.b",
        "custom.fields.loyalty-id.a",
    ];
    let sorts = (
        subsequence(fields, 1..4).prop_shuffle(),
        vec(proptest::bool::ANY, 4),
    );
    runner
        .run(&sorts, |(fields, descending)| {
            let key = |(field, descending): (&&str, &bool)| {
                let text = format!("{field} {}", if *descending { "desc" } else { "asc" });
                parse_sort(&text, Kind::Cart).unwrap()
            };
            let sorts: Vec<Sort> = fields.iter().zip(&descending).map(key).collect();
            for database in &stored {
                let mut expected = database.documents.clone();
                expected.sort_by(|left, right| {
                    compare(&sorts, left, right).then_with(|| id(left).cmp(&id(right)))
                });
                let expected: Vec<String> = expected.iter().map(id).collect();
                let sorted = database.sorted(&sorts).map_err(TestCaseError::fail)?;
                proptest::prop_assert_eq!(sorted, expected);
            }
            Ok(())
        })
        .unwrap();
}
