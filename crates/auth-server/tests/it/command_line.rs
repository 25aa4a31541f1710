//! The binary's commands.

use std::process::{Command, Output};

use serde_json::Value;
use testkit::databases;

pub fn run(url: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", url)
        .env("KEY_ENCRYPTION_KEY", "11".repeat(32))
        .env("SECRET_PEPPER", "22".repeat(32))
        .output()
        .expect("the binary runs")
}

#[track_caller]
pub fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub const CREATE: [&str; 9] = [
    "project",
    "create",
    "demo",
    "--currencies",
    "EUR,USD",
    "--countries",
    "DE,US",
    "--languages",
    "en,de",
];

#[test]
fn a_project_and_its_clients_are_made_listed_and_deleted() {
    for database in databases() {
        let url = database.url.as_str();
        assert!(run(url, &["migrate"]).status.success());
        let early = [
            "client",
            "create",
            "--project",
            "demo",
            "--name",
            "n",
            "--template",
            "mobile",
        ];
        assert!(text(&run(url, &early)).contains("there is no project `demo`"));
        assert!(run(url, &CREATE).status.success());
        assert!(text(&run(url, &CREATE)).contains("there is a project `demo` already"));
        let mut again = CREATE.to_vec();
        again.push("--if-missing");
        assert!(run(url, &again).status.success());

        let mut create = early.to_vec();
        create.push("--json");
        let client = json(&run(url, &create));
        assert_eq!(
            client["scope"],
            "create_anonymous_token:demo view_published_products:demo view_products:demo manage_my_orders:demo \
             manage_my_profile:demo manage_my_shopping_lists:demo manage_my_payments:demo"
        );
        assert_eq!(client["secret"].as_str().map(str::len), Some(43));
        let id = client["id"].as_str().expect("an id").to_owned();
        let list = json(&run(
            url,
            &["client", "list", "--project", "demo", "--json"],
        ));
        assert_eq!(list[0]["id"], client["id"]);
        assert_eq!(list[0].get("secret"), None);
        let delete = ["client", "delete", "--project", "demo", id.as_str()];
        assert!(run(url, &delete).status.success());
        assert!(text(&run(url, &delete)).contains("has no API client"));
    }
}

/// `client create` in project `demo`.
fn create_client(url: &str, more: &[&str]) -> Output {
    let mut arguments = vec![
        "client",
        "create",
        "--project",
        "demo",
        "--name",
        "n",
        "--json",
    ];
    arguments.extend(more);
    run(url, &arguments)
}

#[test]
fn a_public_client_is_printed_without_a_secret() {
    let database = testkit::TestDatabase::sqlite();
    let url = database.url.as_str();
    assert!(run(url, &CREATE).status.success());
    let create = |more: &[&str]| create_client(url, more);
    let public = json(&create(&[
        "--template",
        "mobile",
        "--public",
        "--redirect-uri",
        "com.example.app:/cb",
        "--redirect-uri",
        "http://127.0.0.1/cb",
    ]));
    assert_eq!(
        (public.get("secret"), &public["public"]),
        (None, &true.into())
    );
    assert_eq!(public["redirectUris"][1], "http://127.0.0.1/cb");
    // Whoever knows the app's name could have it, so it is not among the scopes.
    let scope = public["scope"].as_str().expect("scopes");
    assert!(scope.contains("view_published_products:demo"), "{scope}");
    assert!(!scope.contains("view_products:demo"), "{scope}");
    let list = json(&run(
        url,
        &["client", "list", "--project", "demo", "--json"],
    ));
    assert_eq!(list[0]["redirectUris"], public["redirectUris"]);
    let reusable = [
        "--template",
        "mobile",
        "--public",
        "--refresh-token-mode",
        "reusable",
    ];
    assert!(text(&create(&reusable)).contains("`rotating`"));
    let server = ["--template", "server", "--public"];
    assert!(text(&create(&server)).contains("`introspect_oauth_tokens:demo` is not for a public"));
    let admin = ["--scope", "manage_project:demo", "--public"];
    assert!(text(&create(&admin)).contains("`manage_project:demo` is not for a public"));
    let plain = [
        "--template",
        "mobile",
        "--redirect-uri",
        "http://shop.example/",
    ];
    assert!(text(&create(&plain)).contains("127.0.0.1"));
}

#[test]
fn scopes_and_formats_of_a_client_are_checked() {
    let database = testkit::TestDatabase::sqlite();
    let url = database.url.as_str();
    assert!(run(url, &CREATE).status.success());
    let create = |more: &[&str]| create_client(url, more);
    let opaque = json(&create(&[
        "--scope",
        "manage_project:demo",
        "--access-token-format",
        "opaque",
    ]));
    assert_eq!(opaque["accessTokenFormat"], "opaque");
    let bound = json(&create(&[
        "--template",
        "mobile",
        "--refresh-token-mode",
        "dpop",
    ]));
    assert_eq!(bound["refreshTokenMode"], "dpop");
    let unknown = create(&["--template", "mobile", "--refresh-token-mode", "sliding"]);
    assert!(text(&unknown).contains("rotating, reusable, dpop"));
    assert!(
        text(&create(&["--scope", "dance:demo"])).contains("`dance:demo` is not a known scope")
    );
    assert!(text(&create(&["--scope", "view_products:other"])).contains("another project"));
    assert!(
        !create(&["--template", "admin", "--access-token-format", "xml"])
            .status
            .success()
    );
}

#[test]
fn a_secret_is_rotated_and_its_end_is_shown_but_never_a_secret() {
    for database in databases() {
        let url = database.url.as_str();
        assert!(run(url, &CREATE).status.success());
        let create = [
            "client",
            "create",
            "--project",
            "demo",
            "--name",
            "n",
            "--template",
            "mobile",
            "--json",
        ];
        let client = json(&run(url, &create));
        let id = client["id"].as_str().expect("an id");
        let show = ["client", "show", id, "--json"];
        let shown = json(&run(url, &show));
        assert_eq!(shown["secrets"].as_array().map(Vec::len), Some(1));
        assert_eq!(shown["secrets"][0].get("expiresAt"), None);

        let rotate = ["client", "rotate-secret", id, "--json"];
        let rotated = json(&run(url, &rotate));
        assert_eq!(rotated["secret"].as_str().map(str::len), Some(43));
        assert_ne!(rotated["secret"], client["secret"]);
        let shown = json(&run(url, &show));
        assert_eq!(shown["secrets"], rotated["secrets"]);
        assert_eq!(shown["secrets"].as_array().map(Vec::len), Some(2));
        let end = shown["secrets"][0]["expiresAt"].as_str().expect("an end");
        let list = run(url, &["client", "list", "--project", "demo"]);
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        assert!(list.contains(&format!("secrets: 2, one until {end}")));
        for secret in [&client["secret"], &rotated["secret"]] {
            assert!(!shown.to_string().contains(secret.as_str().expect("text")));
        }

        let third = text(&run(url, &rotate));
        assert!(third.contains("it has 2 secrets already, one of them until"));
        assert!(third.contains("`--retire-oldest`"));
        let mut now = rotate.to_vec();
        now.extend(["--expire-old", "0s"]);
        let only = json(&run(url, &now));
        assert_eq!(only["secrets"].as_array().map(Vec::len), Some(1));
        now.truncate(rotate.len());
        now.extend(["--expire-old", "366d"]);
        assert!(text(&run(url, &now)).contains("--expire-old: must be from 0s to 365d"));
        let unknown = ["client", "show", "unknown"];
        assert!(text(&run(url, &unknown)).contains("there is no API client `unknown`"));
    }
}

/// `kid` and state of every key, oldest first.
fn keys(url: &str) -> Vec<(String, String)> {
    let list = json(&run(url, &["keys", "list", "--json"]));
    let keys = list.as_array().expect("a list").iter();
    let word = |value: &Value| value.as_str().expect("a text").to_owned();
    keys.map(|key| (word(&key["kid"]), word(&key["state"])))
        .collect()
}

#[test]
fn a_new_key_is_published_first_and_signs_when_told_to() {
    let database = testkit::TestDatabase::sqlite();
    let url = database.url.as_str();
    let kid = |output: &Output| json(output)["kid"].as_str().expect("an id").to_owned();
    let states = |keys: &[(&str, &str)]| -> Vec<(String, String)> {
        keys.iter()
            .map(|(kid, state)| ((*kid).to_owned(), (*state).to_owned()))
            .collect()
    };
    let first = kid(&run(url, &["keys", "rotate", "--json"]));
    assert_eq!(keys(url), states(&[(&first, "active")]));
    let rotate = ["keys", "rotate", "--algorithm", "EdDSA", "--json"];
    let second = kid(&run(url, &rotate));
    assert_eq!(
        keys(url),
        states(&[(&first, "active"), (&second, "pending")])
    );
    assert!(text(&run(url, &rotate)).contains("is pending already"));
    assert_eq!(
        kid(&run(url, &["keys", "rotate", "--now", "--json"])),
        second
    );
    assert_eq!(
        keys(url),
        states(&[(&first, "retired"), (&second, "active")])
    );
}

#[test]
fn a_key_is_imported_or_taken_back() {
    let database = testkit::TestDatabase::sqlite();
    let url = database.url.as_str();
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/tests/rsa_key_of_nobody.pem"
    );
    let import = ["keys", "import", "--file", file, "--json"];
    let imported = json(&run(url, &import));
    assert_eq!(imported["changes"][0]["state"], "active");
    assert!(text(&run(url, &import)).contains("was imported before"));
    assert!(text(&run(url, &["keys", "rotate", "--algorithm", "RS256"])).contains("keys import"),);
    let kid = imported["kid"].as_str().expect("an id");
    let revoked = json(&run(url, &["keys", "revoke", "--kid", kid, "--json"]));
    assert_eq!(revoked["changes"][0]["state"], "removed");
    assert_eq!(revoked["changes"][1]["state"], "active");
    assert_eq!(keys(url)[0], (kid.to_owned(), "removed".to_owned()));
    let unknown = ["keys", "revoke", "--kid", "unknown"];
    assert!(text(&run(url, &unknown)).contains("no such key"));
}

#[test]
fn private_keys_are_sealed_again_with_another_key_encryption_key() {
    for database in testkit::databases() {
        let url = &database.url;
        let made = run(url, &["keys", "rotate", "--json"]);
        let kid = json(&made)["kid"].clone();
        let (old, new) = ("1".repeat(64), "2".repeat(64));
        let with_both = [
            "--key-encryption-key",
            &new,
            "--key-encryption-key-previous",
            &old,
        ];
        let reseal =
            |options: &[&str]| run(url, &[&["keys", "reseal", "--json"], options].concat());
        let refused = reseal(&["--key-encryption-key", &new]);
        assert!(!refused.status.success(), "{refused:?}");
        assert_eq!(
            json(&reseal(&with_both)),
            serde_json::json!({ "resealed": 1 })
        );
        // From now on the new one is enough, and the old one is worth nothing.
        assert_eq!(
            json(&reseal(&["--key-encryption-key", &new]))["resealed"],
            1
        );
        assert!(!run(url, &["keys", "reseal"]).status.success());
        assert_eq!(
            keys(url),
            [(
                kid.as_str().unwrap_or_default().to_owned(),
                "active".to_owned()
            )]
        );
    }
}

#[test]
fn the_configuration_is_checked_with_all_its_problems() {
    let database = testkit::TestDatabase::sqlite();
    assert!(
        run(database.url.as_str(), &["check-config"])
            .status
            .success()
    );
    let output = Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .arg("check-config")
        .env_clear()
        .env("DATABASE_URL", "mysql://x")
        .env("AUTH_PORT", "1")
        .env("SESSION_ABSOLUTE_LIFETIME", "30m")
        .env("DPOP_NONCE", "always")
        .output()
        .expect("the binary runs");
    assert!(!output.status.success());
    let problems = text(&output);
    for name in [
        "DATABASE_URL",
        "AUTH_PORT",
        "KEY_ENCRYPTION_KEY",
        "SECRET_PEPPER",
        "SESSION_ABSOLUTE_LIFETIME: must be from 1h to 3650d, found `30m`; or `off`",
        "DPOP_NONCE",
    ] {
        assert!(problems.contains(name), "{problems}");
    }
}
