//! How answers are delivered: compressed, in pieces, or not now.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::io::Read as _;

use actix_web::{
    http::ConnectionType,
    http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, RETRY_AFTER, VARY},
    test as requests,
    web::{Bytes, Data},
};
use commerce_api::{
    app_state::AppState,
    cli::assemble,
    error::CommerceError,
    http::{commercetools::errors::respond, server},
    service::workbench::ShoppingListMigration,
};
use flate2::read::GzDecoder;
use serde_json::Value;
use shared::{http::memory::Memory, password::PasswordCost};
use testkit::TestDatabase;

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: impl actix_web::http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn varies(&self) -> bool {
        let mut all = self.headers.get_all(VARY);
        all.any(|value| value == "accept-encoding")
    }

    fn unpacked(&self) -> String {
        assert_eq!(self.header(CONTENT_ENCODING), Some("gzip"));
        let mut text = String::new();
        let mut gzip = GzDecoder::new(&*self.body);
        gzip.read_to_string(&mut text).expect("gzip");
        text
    }
}

/// Asks for a path that does not exist: the answer repeats it twice.
async fn ask(change: fn(&mut AppState), length: usize, accept: Option<&str>) -> Answer {
    let database = TestDatabase::sqlite();
    let mut state = assemble(
        database.database.clone(),
        "http://127.0.0.1:8080",
        PasswordCost::CHEAP,
        ShoppingListMigration::Manual,
    )
    .expect("a state");
    change(&mut state);
    let service = requests::init_service(server::application(Data::new(state))).await;
    let mut request =
        requests::TestRequest::get().uri(&format!("/demo/nothing/{}", "x".repeat(length)));
    if let Some(accept) = accept {
        request = request.insert_header((ACCEPT_ENCODING, accept));
    }
    let response = requests::call_service(&service, request.to_request()).await;
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: requests::read_body(response).await,
    }
}

fn unchanged(_: &mut AppState) {}

fn message(text: &str) -> String {
    let body: Value = serde_json::from_str(text).expect("JSON");
    body["message"].as_str().expect("a message").to_owned()
}

#[actix_web::test]
async fn answers_are_compressed_for_those_who_ask() {
    // In one piece, and in several.
    for length in [1_500, 60_000] {
        let plain = ask(unchanged, length, None).await;
        let packed = ask(unchanged, length, Some("gzip, deflate, br")).await;
        assert_eq!((plain.status, packed.status), (404, 404));
        assert_eq!(packed.unpacked().as_bytes(), &plain.body[..]);
        assert!(packed.body.len() < plain.body.len() / 4);
        assert!(plain.varies() && packed.varies());
    }
}

#[actix_web::test]
async fn who_does_not_ask_gets_the_answer_as_it_is() {
    for accept in [None, Some("identity"), Some("gzip;q=0"), Some("br")] {
        let plain = ask(unchanged, 1_500, accept).await;
        assert_eq!(plain.header(CONTENT_ENCODING), None, "{accept:?}");
        let text = std::str::from_utf8(&plain.body).expect("text");
        assert_eq!(
            message(text),
            format!("URI not found: /demo/nothing/{}", "x".repeat(1_500))
        );
    }
}

#[actix_web::test]
async fn short_answers_are_not_compressed() {
    let short = ask(unchanged, 100, Some("gzip")).await;
    assert_eq!(short.header(CONTENT_ENCODING), None);
    assert!(!short.varies());
}

#[actix_web::test]
async fn compression_can_be_off() {
    let plain = ask(|state| state.compresses = false, 1_500, Some("gzip")).await;
    assert_eq!(plain.header(CONTENT_ENCODING), None);
    assert!(!plain.varies());
}

#[actix_web::test]
async fn large_answers_wait_for_memory_and_small_ones_do_not() {
    let without_memory = |state: &mut AppState| state.memory = Memory::new(0);
    let large = ask(without_memory, 60_000, None).await;
    assert_eq!((large.status, large.header(RETRY_AFTER)), (503, Some("1")));
    let text = std::str::from_utf8(&large.body).expect("text");
    let body: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(body["errors"][0]["code"], "OverCapacity");
    assert_eq!(ask(without_memory, 1_500, None).await.status, 404);
}

#[actix_web::test]
async fn a_body_that_does_not_come_ends_the_connection() {
    let answer = respond(&CommerceError::BodyTooSlow);
    assert_eq!(answer.status().as_u16(), 408);
    assert_eq!(answer.head().connection_type(), ConnectionType::Close);
}
