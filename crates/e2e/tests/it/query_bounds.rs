//! How much a query may ask for: what is too much is refused by name before a database plans it.

use crate::support::{Api, Reply, on_each_database};

/// `field(field(…(leaf)…))`
fn nested(field: &str, levels: usize, leaf: &str) -> String {
    format!(
        "{}{leaf}{}",
        format!("{field}(").repeat(levels),
        ")".repeat(levels)
    )
}

fn ask(api: &Api, method: &str, path: &str, parameters: &[(&str, &str)]) -> Reply {
    api.call(method, path, parameters, None)
}

/// The message of a refusal.
#[track_caller]
fn refusal(api: &Api, path: &str, parameters: &[(&str, &str)]) -> String {
    let head = ask(api, "HEAD", path, parameters);
    assert_eq!(head.status, 400, "HEAD {path}");
    let error = ask(api, "GET", path, parameters).refused(400, "InvalidInput");
    error["message"].as_str().expect("a message").to_owned()
}

const COST: &str =
    "Malformed parameter: where: The predicates of a request may cost at most 500, found ";

#[test]
fn deep_and_broad_predicates_are_refused_wherever_there_is_a_where() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        guest.my_cart_with("SKU-1", 1);
        let fields = format!("custom(fields({}))", nested("a", 28, "b=\"x\""));
        let attack = [fields.as_str(); 6].join(" or ");
        let value = vec![nested("value", 1, &nested("a", 28, "b=1")); 6].join(" or ");
        let staged = ["masterData(staged(variants(attributes(value=1))))"; 100].join(" or ");
        let variants = ["variants(attributes(value=1))"; 100].join(" or ");
        let messages = vec!["version=1"; 501].join(" or ");
        for (api, path, predicate) in [
            (&guest.api, "/me/carts", &attack),
            (&guest.api, "/me/orders", &attack),
            (&guest.api, "/me/shopping-lists", &attack),
            (&guest.api, "/product-projections", &variants),
            (&admin.api, "/carts", &attack),
            (&admin.api, "/orders", &attack),
            (&admin.api, "/customers", &attack),
            (&admin.api, "/in-store/key=de-store/carts", &attack),
            (&admin.api, "/in-store/key=de-store/customers", &attack),
            (&admin.api, "/products", &staged),
            (&admin.api, "/categories", &attack),
            (&admin.api, "/custom-objects", &value),
            (&admin.api, "/custom-objects/container", &value),
            (&admin.api, "/messages", &messages),
        ] {
            let message = refusal(api, path, &[("where", predicate)]);
            assert!(message.starts_with(COST), "{path}: {message}");
        }
        assert!(
            refusal(&guest, "/me/carts", &[("where", &attack)])
                .starts_with(&format!("{COST}5220:"))
        );
    });
}

#[test]
fn repeated_parameters_are_bounded_together() {
    on_each_database(|shop| {
        let (guest, admin) = (shop.guest("phone-123"), shop.admin());
        let cart = guest.my_cart_with("SKU-1", 1);
        let id = format!("id=\"{}\"", cart["id"].as_str().expect("an id"));
        let carts = |parameters: &[(&str, &str)]| refusal(&guest, "/me/carts", parameters);
        assert_eq!(
            guest
                .query("/me/carts", &vec![("where", id.as_str()); 500])
                .expect(200)["count"],
            1
        );
        assert!(carts(&vec![("where", id.as_str()); 1000]).starts_with(&format!("{COST}1000:")));
        let sort = ("sort", "custom.fields.a asc");
        assert_eq!(guest.query("/me/carts", &[sort; 10]).status, 200);
        assert_eq!(
            carts(&[sort; 1000]),
            "Malformed parameter: sort: At most 10 sort expressions are allowed, found 1000."
        );
        let paths: Vec<String> = (0..101).map(|number| format!("a{number}")).collect();
        let expand: Vec<(&str, &str)> =
            paths.iter().map(|path| ("expand", path.as_str())).collect();
        assert_eq!(
            carts(&expand),
            "Malformed parameter: expand: at most 100 paths are allowed, found 101"
        );
        let locales = [("localeProjection", "en"); 101];
        assert_eq!(
            refusal(&guest, "/product-projections", &locales),
            "Malformed parameter: localeProjection: at most 100 values are allowed, found 101"
        );
        assert_eq!(
            carts(&vec![("var.a", ""); 2501]),
            "A query string may have at most 2500 parameters, found 2501."
        );
        let long = "x".repeat(61_440);
        assert!(
            carts(&[("foo", &long)]).starts_with("A query string may have at most 61440 bytes")
        );
        assert_eq!(
            ask(
                &admin,
                "DELETE",
                "/carts/x",
                &[("version", "1"), ("foo", &long)]
            )
            .status,
            400
        );
    });
}

#[test]
fn five_hundred_ids_are_one_query() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let mut ids = vec!["0199a2c4-7c1e-7d30-9a53-0242ac120002"; 499];
        ids.push(cart["id"].as_str().expect("an id"));
        let predicate = format!("id in (\"{}\")", ids.join("\", \""));
        let found = guest.find("/me/carts", &predicate);
        assert_eq!(found.len(), 1);
        let mut variables: Vec<(&str, &str)> = ids.iter().map(|id| ("var.ids", *id)).collect();
        variables.push(("where", "id in :ids"));
        assert_eq!(guest.query("/me/carts", &variables).expect(200)["count"], 1);
    });
}

#[test]
fn times_without_an_offset_are_in_utc() {
    on_each_database(|shop| {
        let guest = shop.guest("phone-123");
        let cart = guest.my_cart_with("SKU-1", 1);
        let created = cart["createdAt"].as_str().expect("a time");
        let local = created.trim_end_matches('Z');
        let found = guest.find("/me/carts", &format!("createdAt = \"{local}\""));
        assert_eq!(found.len(), 1);
        assert_eq!(
            guest
                .find("/me/carts", &format!("createdAt > \"{local}\""))
                .len(),
            0
        );
    });
}

#[test]
fn api_clients_are_asked_for_within_the_same_bounds() {
    on_each_database(|shop| {
        let client = shop.new_api_client("view_api_clients:demo manage_api_clients:demo");
        let api = shop.auth_api_with(&shop.token_of(&client).token);
        let path = "/api-clients";
        let name = ("where", "name=\"x\"");
        assert_eq!(api.query(path, &vec![name; 500]).expect(200)["count"], 0);
        assert!(refusal(&api, path, &vec![name; 1000]).starts_with(&format!("{COST}1000:")));
        assert_eq!(
            refusal(&api, path, &[("sort", "name"); 11]),
            "Malformed parameter: sort: At most 10 sort expressions are allowed, found 11."
        );
        assert_eq!(
            refusal(&api, path, &vec![("a", ""); 2501]),
            "A query string may have at most 2500 parameters, found 2501."
        );
        let none = api.query(path, &[("where", "createdAt < \"2000-01-01T00:00\"")]);
        assert_eq!(none.expect(200)["total"], 0);
    });
}
