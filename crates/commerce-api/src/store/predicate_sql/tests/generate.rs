//! Random carts and random predicates about them.

use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::select,
    strategy::BoxedStrategy,
};
use serde_json::{Map, Number, Value, json};

/// Few values, so that comparisons hit, and those that are easily got wrong.
const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b",
    "ä",
    "Z",
    "z",
    "😀",
    "10",
    "9",
    "true",
    "x' OR '1'='1",
    "q\"b\\",
    "%",
    "2026-01-31T09:15:00.000Z",
];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "10",
    "1.0",
    "0.19",
    "-0.5",
    "9007199254740993",
    "9223372036854775807",
    "1e2",
    "12345.678",
];
/// As [`NUMBERS`], as a predicate can write them.
const LITERALS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "9",
    "1.00",
    "0.19",
    "0.190",
    "-0.5",
    "9007199254740992",
    "100",
];
const TIMES: &[&str] = &[
    "2026-01-31T09:15:00.000Z",
    "2026-01-31T09:15:00.001Z",
    "2019-12-31T23:59:59.999Z",
];
const NAMES: &[&str] = &["a", "b", "loyalty-id", "1", "with space", "ä'", "and"];

fn text() -> impl Strategy<Value = Value> {
    select(TEXTS).prop_map(Value::from)
}

fn number() -> impl Strategy<Value = Value> {
    select(NUMBERS).prop_map(|text| Value::Number(text.parse::<Number>().unwrap()))
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text(),
        4 => number(),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

/// Any JSON, a few levels deep.
fn anything() -> BoxedStrategy<Value> {
    scalar()
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Value::Array),
                object_of(inner),
            ]
        })
        .boxed()
}

fn object_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((select(NAMES), value), 0..3).prop_map(|members| {
        let own = |(name, value): (&str, Value)| (name.to_owned(), value);
        Value::Object(members.into_iter().map(own).collect())
    })
}

/// Mostly what belongs there, now and then something else: documents come from many versions of a program.
fn mostly(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![12 => value, 1 => anything()].boxed()
}

/// An object of members that may be missing.
fn object(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let maybe: Vec<_> = members
        .into_iter()
        .map(|(name, value)| option::weighted(0.8, value).prop_map(move |value| (name, value)))
        .collect();
    maybe
        .prop_map(|members| {
            let present = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
            Value::Object(members.into_iter().filter_map(present).collect())
        })
        .boxed()
}

fn money() -> BoxedStrategy<Value> {
    mostly(object(vec![
        ("centAmount", mostly(number())),
        (
            "currencyCode",
            mostly(select(&["EUR", "USD"]).prop_map(Value::from)),
        ),
    ]))
}

fn line_item() -> BoxedStrategy<Value> {
    let attribute = object(vec![
        (
            "name",
            mostly(select(&["color", "size"]).prop_map(Value::from)),
        ),
        ("value", anything()),
    ]);
    let variant = object(vec![
        ("sku", mostly(text())),
        (
            "attributes",
            mostly(vec(attribute, 0..3).prop_map(Value::Array)),
        ),
    ]);
    mostly(object(vec![
        ("quantity", mostly(number())),
        ("variant", mostly(variant)),
        ("totalPrice", money()),
        ("addedAt", mostly(select(TIMES).prop_map(Value::from))),
    ]))
}

/// A cart with this id. Members that the database has as columns are as the API writes them.
pub(super) fn cart(id: usize) -> impl Strategy<Value = Value> {
    let column = || option::of(text());
    // Keys are unique.
    let key =
        option::of(Just(TEXTS.get(id).copied())).prop_map(|key| key.flatten().map(Value::from));
    let columns = (
        key,
        column(),
        column(),
        column(),
        column(),
        1..4_i64,
        select(TIMES),
        select(TIMES),
    );
    let rest = object(vec![
        ("country", mostly(text())),
        ("totalPrice", money()),
        (
            "lineItems",
            mostly(vec(line_item(), 0..3).prop_map(Value::Array)),
        ),
        (
            "custom",
            mostly(object(vec![("fields", mostly(object_of(anything())))])),
        ),
        ("completedAt", anything()),
        ("locale", anything()),
    ]);
    (columns, rest).prop_map(move |(columns, rest)| {
        let (key, customer, anonymous, state, store, version, created, modified) = columns;
        let mut cart = Map::new();
        cart.insert("id".to_owned(), json!(format!("id-{id:03}")));
        cart.insert("version".to_owned(), json!(version));
        cart.insert("createdAt".to_owned(), json!(created));
        cart.insert("lastModifiedAt".to_owned(), json!(modified));
        let optional = [
            ("key", key),
            ("customerId", customer),
            ("anonymousId", anonymous),
            ("cartState", state),
        ];
        for (name, value) in optional {
            cart.extend(value.map(|value| (name.to_owned(), value)));
        }
        cart.extend(
            store.map(|key| ("store".to_owned(), json!({ "typeId": "store", "key": key }))),
        );
        cart.extend(rest.as_object().cloned().unwrap_or_default());
        Value::Object(cart)
    })
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn text_literal() -> impl Strategy<Value = String> {
    select(TEXTS).prop_map(quoted)
}

fn literal() -> BoxedStrategy<String> {
    prop_oneof![
        4 => text_literal(),
        4 => select(LITERALS).prop_map(str::to_owned),
        1 => select(&["true", "false", ":text", ":number", ":boolean"]).prop_map(str::to_owned),
    ]
    .boxed()
}

fn listed(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    vec(value, 1..4).prop_map(|values| format!("({})", values.join(", ")))
}

/// Tests of a field by literals of its type.
fn tests(field: &str, value: BoxedStrategy<String>, ordered: bool) -> BoxedStrategy<String> {
    let orders: &[&str] = if ordered {
        &["=", "!=", "<", "<=", ">", ">="]
    } else {
        &["=", "<>"]
    };
    let of = |test: BoxedStrategy<String>| {
        let field = field.to_owned();
        test.prop_map(move |test| format!("{field} {test}")).boxed()
    };
    let compare =
        (select(orders), value.clone()).prop_map(|(order, value)| format!("{order} {value}"));
    let within = (select(&["in", "not in"]), listed(value))
        .prop_map(|(word, values)| format!("{word} {values}"));
    let defined = select(&["is defined", "is not defined"]).prop_map(str::to_owned);
    prop_oneof![4 => of(compare.boxed()), 2 => of(within.boxed()), 1 => of(defined.boxed())].boxed()
}

fn texts(field: &str) -> BoxedStrategy<String> {
    tests(
        field,
        prop_oneof![8 => text_literal(), 1 => Just(":text".to_owned())].boxed(),
        true,
    )
}

fn numbers(field: &str) -> BoxedStrategy<String> {
    let literal = select(LITERALS).prop_map(str::to_owned);
    tests(
        field,
        prop_oneof![8 => literal, 1 => Just(":number".to_owned())].boxed(),
        true,
    )
}

fn times(field: &str) -> BoxedStrategy<String> {
    tests(field, select(TIMES).prop_map(quoted).boxed(), true)
}

fn state(field: &'static str) -> impl Strategy<Value = String> {
    select(&["is empty", "is not empty", "is defined", "is not defined"])
        .prop_map(move |state| format!("{field} {state}"))
}

fn name() -> impl Strategy<Value = String> {
    select(NAMES).prop_map(|name| format!("`{name}`"))
}

/// Tests of a value of any type, and nested ones.
fn any_value(depth: u32) -> BoxedStrategy<String> {
    let leaf = name().prop_flat_map(|name| {
        let contains = (select(&["all", "any"]), listed(literal()))
            .prop_map(|(which, values)| format!("contains {which} {values}"));
        let empty = select(&["is empty", "is not empty"]).prop_map(str::to_owned);
        let ordered = prop_oneof![text_literal(), select(LITERALS).prop_map(str::to_owned)];
        let other = prop_oneof![contains, empty];
        let name_again = name.clone();
        prop_oneof![
            3 => tests(&name, ordered.boxed(), true),
            2 => tests(&name, literal(), false),
            2 => other.prop_map(move |test| format!("{name_again} {test}")),
        ]
    });
    if depth == 0 {
        return combined(leaf.boxed());
    }
    let nested =
        (name(), any_value(depth - 1)).prop_map(|(name, inner)| format!("{name}({inner})"));
    combined(prop_oneof![3 => leaf, 1 => nested].boxed())
}

fn nested(field: &'static str, inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    inner
        .prop_map(move |inner| format!("{field}({inner})"))
        .boxed()
}

/// `and`, `or`, `not` and parentheses over terms.
fn combined(term: BoxedStrategy<String>) -> BoxedStrategy<String> {
    term.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            (vec(inner.clone(), 2..4), select(&[" and ", " or "]))
                .prop_map(|(parts, word)| parts.join(word)),
            inner.clone().prop_map(|inner| format!("not({inner})")),
            inner.prop_map(|inner| format!("({inner})")),
        ]
    })
    .boxed()
}

fn money_test(field: &'static str) -> BoxedStrategy<String> {
    nested(
        field,
        combined(prop_oneof![numbers("centAmount"), texts("currencyCode")].boxed()),
    )
}

/// A predicate about carts; it uses the variables of [`super::agreement`].
pub(super) fn predicate() -> BoxedStrategy<String> {
    let attribute = combined(
        prop_oneof![
            texts("name"),
            tests("value", literal(), false),
            nested("value", any_value(1)),
        ]
        .boxed(),
    );
    let variant = combined(
        prop_oneof![
            texts("sku"),
            nested("attributes", attribute),
            state("attributes")
        ]
        .boxed(),
    );
    let line = combined(
        prop_oneof![
            numbers("quantity"),
            nested("variant", variant),
            money_test("totalPrice"),
            times("addedAt")
        ]
        .boxed(),
    );
    let columns = prop_oneof![
        texts("id"),
        texts("key"),
        texts("customerId"),
        texts("anonymousId"),
        texts("cartState"),
        nested("store", texts("key")),
        numbers("version"),
        times("createdAt"),
        times("lastModifiedAt"),
    ];
    let json = prop_oneof![
        texts("country"),
        texts("locale"),
        money_test("totalPrice"),
        nested("lineItems", line),
        state("lineItems"),
        nested("custom", nested("fields", any_value(2))),
    ];
    combined(prop_oneof![2 => columns, 5 => json].boxed())
}
