//! What the predicates of one request may ask for together.

use super::{
    super::{
        MAX_COST, MAX_PARAMETERS, MAX_QUERY_BYTES, MAX_SORTS, MAX_VALUE_BYTES, Resolved, Table,
        Variables, check_query_string, parse_sorts_in, resolve_all,
    },
    given, matches, refusal, text,
};
use crate::{error::DomainError, kind::Kind};

fn together(predicates: &[String], variables: &Variables) -> Result<Resolved, DomainError> {
    resolve_all(predicates, Table::of(Kind::Cart), variables)
}

/// `custom(fields(a(a(…(b="x")…))))`
fn nested(levels: usize) -> String {
    format!(
        "custom(fields({}b=\"x\"{}))",
        "a(".repeat(levels),
        ")".repeat(levels)
    )
}

const COSTS: &str =
    "a test counts 1, one that looks into an array 2, and inside of n arrays n + 1 times as much.";

#[test]
fn deep_predicates_cost_more_than_long_ones() {
    assert!(together(&[nested(20)], &Variables::new()).is_ok());
    let attack = vec![nested(28); 6].join(" or ");
    assert_eq!(
        refusal(Kind::Cart, &attack),
        format!(
            "Malformed parameter: where: The predicates of a request may cost at most {MAX_COST}, found 5220: {COSTS}"
        )
    );
}

#[test]
fn predicates_are_bounded_together() {
    let one = "id=\"a\"".to_owned();
    assert!(together(&vec![one.clone(); MAX_COST], &Variables::new()).is_ok());
    let refused = together(&vec![one; MAX_COST + 1], &Variables::new()).unwrap_err();
    assert_eq!(
        text(&refused),
        format!(
            "Malformed parameter: where: The predicates of a request may cost at most {MAX_COST}, found {}: {COSTS}",
            MAX_COST + 1
        )
    );
    assert_eq!(
        together(&[], &Variables::new()).unwrap(),
        Resolved::all(vec![])
    );
}

#[test]
fn what_looks_into_arrays_counts_by_what_it_does() {
    let cost = |predicate: &str| {
        let thousand = vec![predicate.to_owned(); 1000];
        let table = Table::of(Kind::Product);
        let message = text(&resolve_all(&thousand, table, &Variables::new()).unwrap_err());
        let found = message.split("found ").nth(1).unwrap();
        found.split(':').next().unwrap().parse::<usize>().unwrap()
    };
    for (predicate, thousand) in [
        ("version=1 and not(key is defined)", 2000),
        ("masterData(current(name(en=\"a\")))", 1000),
        ("masterData(current(categories(id=\"a\")))", 4000),
        ("masterData(current(variants(sku=\"a\")))", 5000),
        ("masterData(current(variants(attributes(value=1))))", 13_000),
        (
            "masterData(current(variants(attributes(value contains all (1, 2)))))",
            13_000,
        ),
    ] {
        assert_eq!(cost(predicate), thousand, "{predicate}");
    }
}

#[test]
fn a_variable_counts_each_time_it_is_named() {
    let ids: Vec<String> = (0..500).map(|id| format!("{id:0>36}")).collect();
    let variables = Variables::from([("ids".to_owned(), ids)]);
    let four = ["id in :ids"; 4].join(" or ");
    assert!(together(&[four], &variables).is_ok());
    let five = [
        "id in :ids or id in :ids",
        "id in :ids or id in :ids",
        "id in :ids",
    ];
    assert_eq!(
        text(&together(&five.map(str::to_owned), &variables).unwrap_err()),
        "Malformed parameter: where: The predicates of a request may compare to at most 2000 values, found 2500."
    );

    let long = given(&[("long", &[&"x".repeat(1024)])]);
    let many = vec!["country = :long"; MAX_VALUE_BYTES / 1024 + 1].join(" or ");
    assert_eq!(
        text(&together(&[many], &long).unwrap_err()),
        "Malformed parameter: where: The values that the predicates of a request compare to may have at most 262144 bytes, \
         found 263168."
    );
}

#[test]
fn five_hundred_ids_fit_as_they_are_sent() {
    let id = "0199a2c4-7c1e-7d30-9a53-0242ac120002";
    let ids = vec![format!("\"{id}\""); 500].join(", ");
    let predicate = format!("id in ({ids})");
    assert!(matches(
        Kind::Cart,
        &predicate,
        &serde_json::json!({ "id": id })
    ));
    let sent = predicate
        .replace('"', "%22")
        .replace(", ", "%2C%20")
        .replace(' ', "%20");
    assert!(check_query_string(&format!("where={sent}")).is_ok());
}

#[test]
fn numbers_that_no_database_takes_are_refused() {
    let digits = "9".repeat(129);
    assert_eq!(
        refusal(Kind::Cart, &format!("version = {digits}")),
        format!(
            "Malformed parameter: where: The value '{digits}' is not valid for the field 'version': \
             expected a number of at most 128 characters."
        )
    );
    let small = format!("0.{}1", "0".repeat(20_000));
    assert!(refusal(Kind::Cart, &format!("version > {small}")).contains("128 characters"));
}

#[test]
fn sort_keys_are_few_and_shallow() {
    let sorts = |texts: &[String]| parse_sorts_in(texts, Table::of(Kind::Cart));
    let key = "custom.fields.a asc".to_owned();
    assert!(sorts(&vec![key.clone(); MAX_SORTS]).is_ok());
    assert_eq!(
        text(&sorts(&vec![key; 1000]).unwrap_err()),
        "Malformed parameter: sort: At most 10 sort expressions are allowed, found 1000."
    );
    let deep = format!("custom.fields{}", ".a".repeat(1000));
    assert_eq!(
        text(&sorts(&[deep]).unwrap_err()),
        "Malformed parameter: sort: A field may lie at most 32 names deep, found 1002."
    );
}

#[test]
fn query_strings_are_bounded() {
    let long = "a".repeat(MAX_QUERY_BYTES + 1);
    assert_eq!(
        text(&check_query_string(&long).unwrap_err()),
        "A query string may have at most 61440 bytes, found 61441."
    );
    let many = vec!["a="; MAX_PARAMETERS + 1].join("&");
    assert_eq!(
        text(&check_query_string(&many).unwrap_err()),
        "A query string may have at most 2500 parameters, found 2501."
    );
    assert!(check_query_string("").is_ok());
}
