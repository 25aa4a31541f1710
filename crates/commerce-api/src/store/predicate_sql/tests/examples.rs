//! Cases that random carts do not reach.

use domain::{
    customer::Customer,
    kind::Kind,
    predicate::{MAX_COST, MAX_DEPTH, Table, Variables, compare, parse, parse_sort, resolve_in},
};
use serde_json::{Value, json};
use shared::db::{Dialect, statement::Statement};

use super::{Stored, compile, resolved};

fn selects(stored: &[Stored], predicate: &str, expected: &[&str]) {
    for database in stored {
        let resolved = resolved(database.kind, predicate, &Variables::new());
        let selected = database.selected(&resolved).unwrap();
        assert_eq!(selected, expected, "{predicate}");
        assert_eq!(
            database.expected(&resolved),
            expected,
            "evaluated: {predicate}"
        );
    }
}

#[test]
fn circles_hold_the_channels_near_them() {
    let channel = |id: &str, longitude: Value, latitude: Value| json!({ "id": id, "roles": [id], "geoLocation": { "type": "Point", "coordinates": [longitude, latitude] } });
    let huge: Value = serde_json::from_str("1e400").unwrap();
    let tiny: Value = serde_json::from_str("-1e-190").unwrap();
    let stored = Stored::everywhere(
        Kind::Channel,
        &[
            channel("berlin", json!(13.3777), json!(52.5163)),
            channel("fiji", json!(-179.9), json!(-17)),
            channel("munich", json!(11.5755), json!(48.1374)),
            channel("nowhere", json!("13"), json!(null)),
            channel("pole", json!(0), json!(90)),
            channel("tiny", tiny, json!(0)),
            channel("void", huge, json!(0)),
            channel("zero", json!(0), json!(0)),
            json!({ "id": "without" }),
        ],
    );
    for (circle, expected) in [
        ("13.37770, 52.51627, 1000.0", &["berlin"][..]),
        ("13.3777, 52.5163, 0", &["berlin"]),
        ("13.3777, 52.5163, 505000", &["berlin", "munich"]),
        ("13.3777, 52.5163, 503000", &["berlin"]),
        ("179.9, -17, 22000", &["fiji"]),
        ("179.9, -17, 21000", &[]),
        ("-120, 89.999, 112", &["pole"]),
        (
            "0, 0, 30000000",
            &["berlin", "fiji", "munich", "pole", "tiny", "zero"],
        ),
        ("0, 0, -1", &[]),
        // Squared, that is less than any float.
        ("\"1e-200\", \"-1e-200\", 1", &["tiny", "zero"]),
    ] {
        selects(
            &stored,
            &format!("geoLocation within circle({circle})"),
            expected,
        );
    }
    selects(
        &stored,
        "not(geoLocation within circle(0, 0, 30000000))",
        &["nowhere", "void", "without"],
    );
    selects(
        &stored,
        "roles contains any (\"pole\", \"x\") and geoLocation(type = \"Point\")",
        &["pole"],
    );
}

#[test]
fn variants_count_the_master_in() {
    let product = |id: &str, data: Value| json!({ "id": id, "masterData": { "current": data, "published": true } });
    let stored = Stored::everywhere(
        Kind::Product,
        &[
            product(
                "both",
                json!({ "masterVariant": { "id": 1, "sku": "A" }, "variants": [{ "id": 2, "sku": "B" }] }),
            ),
            product(
                "master",
                json!({ "masterVariant": { "id": 1, "sku": "B" }, "variants": [], "slug": { "en-GB": "hat" } }),
            ),
            product(
                "none",
                json!({ "masterVariant": "B", "variants": { "sku": "B" } }),
            ),
        ],
    );
    selects(
        &stored,
        "masterData(current(variants(sku = \"B\")))",
        &["both", "master"],
    );
    selects(
        &stored,
        "masterData(current(variants(sku = \"B\" and id = 1)))",
        &["master"],
    );
    selects(
        &stored,
        "not(masterData(current(variants(id > 0))))",
        &["none"],
    );
    selects(
        &stored,
        "masterData(current(slug(`en-GB` = \"hat\")))",
        &["master"],
    );
    let parsed =
        parse("slug(`en-GB` = \"hat\") and variants(sku = \"B\") and published = true").unwrap();
    let projected =
        resolve_in(&parsed, Table::product_projection(false), &Variables::new()).unwrap();
    for database in &stored {
        assert_eq!(database.selected(&projected).unwrap(), ["master"]);
    }
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "a table of predicates and what they find"
)]
fn unique_values_find_what_the_document_then_confirms() {
    for (kind, document, namespace, value, predicate) in [
        (
            Kind::Order,
            json!({ "id": "a", "orderNumber": "1" }),
            "order-number",
            "1",
            "orderNumber = \"1\"",
        ),
        (
            Kind::Order,
            json!({ "id": "a", "orderNumber": "1" }),
            "order-number",
            "1",
            "orderNumber in (\"0\", \"1\")",
        ),
        (
            Kind::Customer,
            json!({ "id": "a", "email": "Ä@x.DE" }),
            Customer::GLOBAL_EMAILS,
            "ä@x.de",
            "email = \"Ä@x.DE\"",
        ),
        (
            Kind::Customer,
            json!({ "id": "a", "email": "B@x.de" }),
            "customer-email:shop",
            "b@x.de",
            "lowercaseEmail = \"b@x.de\"",
        ),
        (
            Kind::Product,
            json!({ "id": "a", "masterData": { "current": { "slug": { "en": "hat" } } } }),
            "product-slug:en",
            "hat",
            "version > 0 and masterData(current(slug(en = \"hat\")))",
        ),
        (
            Kind::Product,
            json!({ "id": "a", "masterData": { "current": { "masterVariant": { "sku": "S" } } } }),
            "sku",
            "S",
            "masterData(current(variants(sku = \"S\")))",
        ),
    ] {
        let mut document = document;
        document["version"] = json!(1);
        for database in Stored::everywhere(kind, &[document.clone()]) {
            let resolved = resolved(kind, predicate, &Variables::new());
            assert_eq!(
                database.looked_up(&resolved),
                Vec::<String>::new(),
                "unindexed: {predicate}"
            );
            for other in ["aa", "customer-email:other", namespace, "zz"] {
                let id = if other == namespace { "a" } else { "b" };
                database.index(other, value, id);
            }
            assert_eq!(database.looked_up(&resolved), ["a"], "{predicate}");
            assert_eq!(database.selected(&resolved).unwrap(), ["a"], "{predicate}");
        }
    }
    let stored = Stored::everywhere(Kind::Order, &[json!({ "id": "a", "orderNumber": "1" })]);
    for free in [
        "orderNumber != \"2\"",
        "orderNumber > \"0\"",
        "orderNumber = \"1\" or id = \"x\"",
    ] {
        let resolved = resolved(Kind::Order, free, &Variables::new());
        for database in &stored {
            assert_eq!(database.looked_up(&resolved), ["a"], "{free}");
        }
    }
}

/// Customers with addresses, and one without; each address is in the index for two stores.
fn customers_with_emails() -> (Vec<Value>, Vec<Stored>) {
    let emails = [
        ("a", "Guest@Example.COM"),
        ("b", "ÄB@example.com"),
        ("c", "\u{212a}elvin@STRAẞE.example"),
        ("d", "ΝΙΚΟΣ@example.com"),
        ("e", "ｚｏｅ＠example.com"),
    ];
    let mut customers: Vec<Value> = emails
        .iter()
        .map(|(id, email)| json!({ "id": id, "email": email }))
        .collect();
    customers.push(json!({ "id": "f" }));
    let stored = Stored::everywhere(Kind::Customer, &customers);
    for database in &stored {
        for (id, email) in emails {
            for namespace in ["customer-email:berlin", "customer-email:bonn"] {
                database.index(namespace, &Customer::email_key(email), id);
            }
        }
    }
    (customers, stored)
}

#[test]
fn lower_case_emails_are_compared_in_the_form_that_is_unique() {
    let (_, stored) = customers_with_emails();
    for (predicate, expected) in [
        ("lowercaseEmail = \"guest@example.com\"", &["a"][..]),
        ("lowercaseEmail = \"GUEST@example.com\"", &["a"]),
        (
            "lowercaseEmail in (\"guest@example.com\", \"äb@example.com\")",
            &["a", "b"],
        ),
        ("lowercaseEmail = \"kelvin@straße.example\"", &["c"]),
        ("lowercaseEmail = \"kelvin@strasse.example\"", &[]),
        ("lowercaseEmail = \"νικος@example.com\"", &["d"]),
        ("lowercaseEmail = \"νικοσ@example.com\"", &["d"]),
        ("lowercaseEmail = \"zoe@example.com\"", &["e"]),
        (
            "lowercaseEmail > \"H\" and lowercaseEmail <= \"zoe@example.com\"",
            &["c", "e"],
        ),
        (
            "not(lowercaseEmail = \"zoe@example.com\")",
            &["a", "b", "c", "d", "f"],
        ),
        ("lowercaseEmail is defined", &["a", "b", "c", "d", "e"]),
        ("lowercaseEmail is not defined", &["f"]),
        ("email = \"guest@example.com\"", &[]),
        ("email = \"Guest@Example.COM\"", &["a"]),
    ] {
        selects(&stored, predicate, expected);
        for database in &stored {
            let mut found =
                database.looked_up(&resolved(Kind::Customer, predicate, &Variables::new()));
            found.sort();
            assert_eq!(found, expected, "looked up: {predicate}");
        }
    }
}

#[test]
fn lower_case_emails_sort_in_the_form_that_is_unique() {
    let (customers, stored) = customers_with_emails();
    for (sort, expected) in [
        ("lowercaseEmail", ["f", "a", "c", "e", "b", "d"]),
        ("lowercaseEmail desc", ["d", "b", "e", "c", "a", "f"]),
    ] {
        let sorts = [parse_sort(sort, Kind::Customer).unwrap()];
        for database in &stored {
            assert_eq!(database.sorted(&sorts).unwrap(), expected, "{sort}");
            let mut evaluated = customers.clone();
            evaluated.sort_by(|left, right| compare(&sorts, left, right));
            let ids: Vec<&Value> = evaluated.iter().map(|one| &one["id"]).collect();
            assert_eq!(ids, expected, "evaluated: {sort}");
        }
    }
}

/// `{"a": {"a": … 1}}`
fn nest(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }))
}

#[test]
fn the_longest_and_deepest_predicates_run() {
    // As deep as the cost allows: each level counts more than the one around it.
    let inner = 19;
    let deep = json!({ "id": "deep", "container": "c", "value": [nest(inner + 1)] });
    let stored = Stored::everywhere(
        Kind::CustomObject,
        &[deep, json!({ "id": "flat", "value": 1 })],
    );

    let nested = format!("value({}a = 1{})", "a(".repeat(inner), ")".repeat(inner));
    selects(&stored, &nested, &["deep"]);
    let negated = format!(
        "{}value = 1{}",
        "not(".repeat(MAX_DEPTH),
        ")".repeat(MAX_DEPTH)
    );
    selects(&stored, &negated, &["flat"]);

    let many = vec!["id=\"\"or "; MAX_COST - 1].concat();
    selects(&stored, &format!("{many} id=\"deep\""), &["deep"]);
    let many = ["value=2 or "; MAX_COST / 2 - 1].concat();
    selects(&stored, &format!("{many} value=1"), &["flat"]);
    let all = vec!["1"; 500].join(",");
    selects(&stored, &format!("value contains all ({all})"), &[]);
    selects(&stored, &format!("value in ({all})"), &["flat"]);
}

#[test]
fn all_of_many_values_are_found_whatever_their_type() {
    let stored = Stored::everywhere(
        Kind::Cart,
        &[
            json!({ "id": "a", "custom": { "fields": { "tags": ["x", 1, true, "2026-01-31T09:15:00.000Z", null, ["y"], "y"] } } }),
            json!({ "id": "b", "custom": { "fields": { "tags": ["1", "true", "x", "y"] } } }),
            json!({ "id": "c", "custom": { "fields": { "tags": "x" } } }),
            json!({ "id": "d", "custom": { "fields": { "tags": [] } } }),
            json!({ "id": "e", "custom": { "fields": { "tags": [1.0, 2.50] } } }),
        ],
    );
    for (values, expected) in [
        ("\"x\"", &["a", "b"][..]),
        ("\"x\", \"y\"", &["a", "b"]),
        ("1, true", &["a"]),
        ("1", &["a", "e"]),
        ("2.5, 1.00", &["e"]),
        ("\"1\", \"x\"", &["b"]),
        ("\"2026-01-31T10:15:00+01:00\", \"x\"", &["a"]),
        ("\"2026-01-31T09:15:00\"", &["a"]),
        ("\"x\", \"z\"", &[]),
    ] {
        selects(
            &stored,
            &format!("custom(fields(tags contains all ({values})))"),
            expected,
        );
    }
    selects(
        &stored,
        "not(custom(fields(tags contains all (\"x\"))))",
        &["c", "d", "e"],
    );
}

#[test]
fn numbers_beyond_sixty_four_bits_do_no_harm() {
    let value: Value = serde_json::from_str("123456789012345678901234567890").unwrap();
    let stored = Stored::everywhere(
        Kind::CustomObject,
        &[
            json!({ "id": "big", "value": value }),
            json!({ "id": "text", "value": "5" }),
        ],
    );
    selects(&stored, "value > 9223372036854775807", &["big"]);
    selects(&stored, "value = 123456789012345678901234567890", &["big"]);
    selects(
        &stored,
        "value < 123456789012345678901234567890123",
        &["big"],
    );
    selects(
        &stored,
        "value in (1, 2.5, 123456789012345678901234567890)",
        &["big"],
    );
}

#[test]
fn values_and_names_are_bound() {
    let hostile = "x'; DROP TABLE documents;--";
    let predicate = format!(
        "id = \"{hostile}\" and custom(fields(`{hostile}` = \"{hostile}\" or `{hostile}`(`{hostile}` = 7.25))) \
         and country in (\"{hostile}\") and lineItems(variant(attributes(name = \"{hostile}\")))"
    );
    let stored = Stored::everywhere(Kind::Cart, &[json!({ "id": "a" })]);
    selects(&stored, &predicate, &[]);
    selects(&stored, "id is defined", &["a"]);
}

#[test]
fn look_ups_by_column_are_plain_enough_for_an_index() {
    let compiled =
        |predicate, dialect| compile(&resolved(Kind::Cart, predicate, &Variables::new()), dialect);
    assert_eq!(
        compiled("anonymousId = \"x\"", Dialect::Postgres),
        Statement::new("d.anonymous_id").sql(" = ").text("x")
    );
    assert_eq!(
        compiled(
            "cartState = \"Active\" and customerId = \"y\"",
            Dialect::Sqlite
        ),
        Statement::new("d.state")
            .sql(" = ")
            .text("Active")
            .sql(" AND ")
            .sql("d.customer_id")
            .sql(" = ")
            .text("y")
    );
    assert_eq!(
        compiled("createdAt > \"1970-01-01T00:00:05.000Z\"", Dialect::Sqlite),
        Statement::new("d.created_at").sql(" > ").big_int(5000)
    );
    assert_eq!(
        compiled("id in (\"a\", \"b\")", Dialect::Sqlite),
        Statement::new("d.id")
            .sql(" IN (SELECT value FROM json_each(")
            .text("[\"a\",\"b\"]")
            .sql("))")
    );
    assert_eq!(
        compiled("id in (\"a\")", Dialect::Postgres),
        Statement::new("d.id")
            .sql(" = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(")
            .text("[\"a\"]")
            .sql(" AS jsonb))))")
    );
}
