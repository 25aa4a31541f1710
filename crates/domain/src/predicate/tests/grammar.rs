//! What can be written.

use serde_json::json;

use super::{
    super::{
        Comparison, MAX_DEPTH, MAX_LENGTH, MAX_VALUES, Predicate, Test, Value, compare, parse,
        parse_sort,
    },
    refusal_with, text,
};
use crate::kind::Kind;

fn term(field: &str, comparison: Comparison, value: Value) -> Predicate {
    Predicate::Term {
        field: field.to_owned(),
        test: Test::Compare(comparison, value),
    }
}

#[test]
fn and_binds_tighter_than_or() {
    let number = |value: &str| Value::Number(value.to_owned());
    let parsed = parse("a = 1 or b <> 2 AND c >= -3.50").unwrap();
    assert_eq!(
        parsed,
        Predicate::Or(vec![
            term("a", Comparison::Equal, number("1")),
            Predicate::And(vec![
                term("b", Comparison::NotEqual, number("2")),
                term("c", Comparison::GreaterOrEqual, number("-3.50")),
            ]),
        ])
    );
    assert!(parse("(a=1 or b=2)and c=3").is_ok_and(|p| matches!(p, Predicate::And(_))));
}

#[test]
fn keywords_ignore_case_and_spaces_are_free() {
    assert_eq!(
        parse("NOT(roles\tCONTAINS Any(\"A\",\"B\"))aNd x Is Not Defined").unwrap(),
        parse("not ( roles contains any ( \"A\" , \"B\" ) ) and x is not defined").unwrap(),
    );
}

#[test]
fn backticks_quote_names_that_would_be_read_otherwise() {
    let named = |name: &str| term(name, Comparison::Equal, Value::Boolean(true));
    assert_eq!(parse("`and` = true").unwrap(), named("and"));
    assert_eq!(
        parse("`with \"space\"` = TRUE").unwrap(),
        named("with \"space\"")
    );
    assert_eq!(parse("loyalty-id = true").unwrap(), named("loyalty-id"));
    assert_eq!(parse("12 = true").unwrap(), named("12"));
    assert_eq!(parse("empty = true").unwrap(), named("empty"));
}

#[test]
fn strings_know_the_escapes_of_json() {
    let written = r#"a = "q\" b\\ n\n r\r t\t u\u00e4 p\ud83d\ude00 ü" "#;
    let value = Value::Text("q\" b\\ n\n r\r t\t uä p😀 ü".to_owned());
    assert_eq!(parse(written).unwrap(), term("a", Comparison::Equal, value));
    for broken in [
        r#"a="\x""#,
        r#"a="\u00""#,
        r#"a="\ud83d""#,
        r#"a="\u0000""#,
        "a=\"\0\"",
        r#"a="open"#,
    ] {
        assert!(parse(broken).is_err(), "{broken}");
    }
}

#[test]
fn syntax_errors_show_the_place() {
    let message = |predicate| text(&parse(predicate).unwrap_err());
    assert_eq!(
        message("id="),
        "Malformed parameter: where: Syntax error while parsing 'where'. Unexpected end of input at column 4, \
         after 'id=': expected a string in double quotes, a number, true, false or a variable."
    );
    assert_eq!(
        message("id=\"x\"'; DROP TABLE carts;--"),
        "Malformed parameter: where: Syntax error while parsing 'where'. Unexpected ''; DROP TABLE carts;--' at \
         column 7, after 'id=\"x\"': expected a field, a value, a comparison or a parenthesis."
    );
    assert_eq!(
        message(""),
        "Malformed parameter: where: Syntax error while parsing 'where'. Unexpected end of input at column 1: \
         expected a field, 'not' or '('."
    );
    for broken in [
        "id",
        "id = ",
        "= 1",
        "(id = 1",
        "id = 1)",
        "id in",
        "id in ()",
        "id in (1,)",
        "id not = 1",
        "a is",
        "not a = 1",
        "a contains (1)",
        "a = 1 and",
        "a = 1 or or b = 2",
        "a == 1",
        "a = 1.",
        "a = .5",
        "a = 'x'",
        "a within circle(1, 2)",
        "a = :",
        "a = b",
        "`a = 1",
        "a = 1 b = 2",
        "and = 1",
        "()",
        "not()",
    ] {
        assert!(
            message(broken).starts_with("Malformed parameter: where: Syntax error"),
            "{broken}: {}",
            message(broken)
        );
    }
}

#[test]
fn a_long_text_is_quoted_in_part() {
    let long = format!("id = \"{}\" ?", "ä".repeat(500));
    let message = text(&parse(&long).unwrap_err());
    assert!(
        message.contains("Unexpected '?' at column 509, after '…"),
        "{message}"
    );
    assert!(message.len() < 400, "{}", message.len());
}

#[test]
fn length_depth_and_values_are_limited() {
    let deep = |levels: usize| format!("{}id=\"a\"{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&deep(MAX_DEPTH)).is_ok());
    assert!(text(&parse(&deep(MAX_DEPTH + 1)).unwrap_err()).contains("at most 32 nested"));
    assert!(parse(&"(".repeat(MAX_LENGTH)).is_err());

    let long = |bytes: usize| format!("id=\"{}\"", "a".repeat(bytes - 5));
    assert!(parse(&long(MAX_LENGTH)).is_ok());
    assert_eq!(
        text(&parse(&long(MAX_LENGTH + 1)).unwrap_err()),
        "Malformed parameter: where: A predicate may have at most 32768 bytes, found 32769."
    );

    let list = |values: usize| format!("id in ({})", vec!["\"a\""; values].join(","));
    assert!(parse(&list(MAX_VALUES)).is_ok());
    assert!(text(&parse(&list(MAX_VALUES + 1)).unwrap_err()).contains("at most 500 values"));
    let many = vec!["a"; MAX_VALUES + 1];
    assert_eq!(
        refusal_with(Kind::Cart, "id in :ids", &[("ids", &many)]),
        "Malformed parameter: where: The field 'id' is compared to 501 values, at most 500 are allowed."
    );
}

#[test]
fn sort_reads_path_and_direction() {
    let small =
        json!({ "id": "a", "version": 2, "totalPrice": { "centAmount": 9 }, "country": "DE" });
    let large = json!({ "id": "b", "version": 2, "totalPrice": { "centAmount": 10 } });
    for (text, expected) in [
        ("id", std::cmp::Ordering::Less),
        ("id desc", std::cmp::Ordering::Greater),
        (" totalPrice.centAmount  ASC ", std::cmp::Ordering::Less),
        ("version", std::cmp::Ordering::Equal),
        ("country asc", std::cmp::Ordering::Greater),
        ("country desc", std::cmp::Ordering::Less),
    ] {
        let sort = parse_sort(text, Kind::Cart).unwrap();
        assert_eq!(compare(&[sort], &small, &large), expected, "{text}");
    }
}

#[test]
fn sort_refuses_what_has_no_order() {
    for (sort, problem) in [
        ("foo", "The field 'foo' does not exist."),
        (
            "totalPrice.foo desc",
            "The field 'totalPrice.foo' does not exist.",
        ),
        (
            "totalPrice",
            "The field 'totalPrice' does not support sorting.",
        ),
        (
            "lineItems.quantity",
            "The field 'lineItems.quantity' does not support sorting.",
        ),
        (
            "id up",
            "Expected the direction 'asc' or 'desc', found 'up'.",
        ),
        (
            "id asc desc",
            "Expected '<field> [asc|desc]', found 'id asc desc'.",
        ),
        ("", "Expected '<field> [asc|desc]', found ''."),
    ] {
        assert_eq!(
            text(&parse_sort(sort, Kind::Cart).unwrap_err()),
            format!("Malformed parameter: sort: {problem}")
        );
    }
}
