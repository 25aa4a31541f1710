//! Every refused request can be found in the log, and a flood of them does not fill the disk.

use auth_server::app_state::Behaviour;
use testkit::databases;

use crate::support::{
    MOBILE, TestApp,
    process::{Server, exchange},
};

#[actix_web::test]
async fn refused_requests_are_in_the_log_with_their_correlation_ids_and_a_flood_in_numbers() {
    for database in databases() {
        let app = TestApp::of_today(database.database.clone(), Behaviour::default()).await;
        let client = app.client(MOBILE).await;
        let keys = ["07".repeat(32), "09".repeat(32)];
        let mut server = Server::start_with(
            &database.url,
            &["--drain-seconds", "0"],
            &[
                ("KEY_ENCRYPTION_KEY", &keys[0]),
                ("SECRET_PEPPER", &keys[1]),
            ],
        );
        let basic = client.basic();
        let mut refused = Vec::new();
        let mut number = 0;
        // Sixty at once and one more every two seconds.
        while refused.len() < 100 {
            let id = format!("shop-{number}-of-many");
            let headers = [
                ("authorization", basic.as_str()),
                ("content-type", "application/x-www-form-urlencoded"),
                ("x-correlation-id", id.as_str()),
            ];
            let (path, form) = (
                "/oauth/shop/anonymous/token",
                "grant_type=client_credentials",
            );
            let (status, _) = exchange(server.main, "POST", path, &headers, form).expect("one");
            if status == 429 {
                refused.push(id);
            }
            number += 1;
            assert!(number < 1_000);
        }
        server.wait_for_log(" more within a second");
        server.signal("TERM");
        let (_, log) = server.ended();
        let what = "POST /oauth/{project}/anonymous/token 429 too_many_requests";
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(what)).collect();
        for id in &refused[..5] {
            let line = format!("WARN  refused {id}] {what}");
            assert!(lines.iter().any(|found| found.ends_with(&line)), "{log}");
        }
        assert!(lines.len() < 60, "{log}");
    }
}
