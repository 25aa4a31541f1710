//! Plain HTTP is for this machine, and for gateways that took the request over HTTPS.

use std::net::SocketAddr;

use actix_web::test::TestRequest;
use auth_server::app_state::{Behaviour, Network};

use crate::support::{MOBILE, form_request, on_every_database_with};

const REFUSED: &str = r#"{"statusCode":400,"message":"This server can only be reached with HTTPS.","errors":[{"code":"invalid_request","message":"This server can only be reached with HTTPS."}],"error":"invalid_request","error_description":"This server can only be reached with HTTPS."}"#;

fn behaviour(require_tls: bool) -> Behaviour {
    Behaviour {
        network: Network {
            trusted_proxies: "192.0.2.1, 127.0.0.2".parse().expect("ranges"),
            require_tls,
        },
        ..Behaviour::default()
    }
}

fn at(request: TestRequest, peer: &str) -> TestRequest {
    request.peer_addr(peer.parse::<SocketAddr>().expect("an address"))
}

#[actix_web::test]
async fn tokens_are_issued_only_where_nobody_can_listen() {
    on_every_database_with(behaviour(true), async |app| {
        let client = app.client(MOBILE).await;
        for (peer, forwarded, expected) in [
            ("127.0.0.1:1", None, 200),
            ("[::1]:1", None, 200),
            ("198.51.100.1:1", None, 400),
            ("198.51.100.1:1", Some(("203.0.113.1", "https")), 400),
            ("192.0.2.1:1", Some(("203.0.113.1", "https")), 200),
            ("192.0.2.1:1", Some(("203.0.113.1", "http")), 400),
            ("192.0.2.1:1", None, 400),
            ("127.0.0.2:1", Some(("203.0.113.1", "http")), 400),
            ("127.0.0.2:1", None, 200),
        ] {
            let mut request = at(
                form_request("/oauth/token", "grant_type=client_credentials"),
                peer,
            )
            .insert_header(("authorization", client.basic()))
            .insert_header(("origin", "https://shop.example"));
            if let Some((address, protocol)) = forwarded {
                request = request
                    .insert_header(("x-forwarded-for", address))
                    .insert_header(("x-forwarded-proto", protocol));
            }
            let answer = app.send(request).await;
            assert_eq!(answer.status, expected, "{peer} {forwarded:?}");
            // A browser may read the refusal, and it can be found in the log.
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            assert!(answer.header("x-correlation-id").is_some());
            if expected == 400 {
                assert_eq!(answer.text, REFUSED);
            }
        }
    })
    .await;
}

#[actix_web::test]
async fn probes_may_come_over_plain_http_and_everybody_if_the_operator_says_so() {
    on_every_database_with(behaviour(true), async |app| {
        let probe = at(TestRequest::get().uri("/health/alive"), "198.51.100.1:1");
        assert_eq!(app.send(probe).await.status, 200);
        let keys = at(
            TestRequest::get().uri("/.well-known/jwks.json"),
            "198.51.100.1:1",
        );
        assert_eq!(app.send(keys).await.status, 400);
    })
    .await;
    on_every_database_with(behaviour(false), async |app| {
        let keys = at(
            TestRequest::get().uri("/.well-known/jwks.json"),
            "198.51.100.1:1",
        );
        assert_eq!(app.send(keys).await.status, 200);
    })
    .await;
}
