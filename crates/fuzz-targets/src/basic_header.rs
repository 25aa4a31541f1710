//! The `Authorization` header of a request for a token.

use auth_server::http::client_auth::ClientCredentials;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::Verdict;

/// Credentials that are read are neither empty nor what no database takes, and are read again from a header that a
/// strict client writes.
pub fn check(data: &[u8]) -> Verdict {
    let Some((id, secret)) = read(data) else {
        return Verdict::Refused;
    };
    assert!(!id.is_empty() && !secret.is_empty());
    assert!(!id.contains('\0'), "{id:?}");
    let pair = format!("{}:{}", escaped(&id), escaped(&secret));
    let again = format!("Basic {}", STANDARD.encode(pair));
    assert_eq!(read(again.as_bytes()), Some((id, secret)));
    Verdict::Accepted
}

fn read(header: &[u8]) -> Option<(String, String)> {
    let credentials = ClientCredentials::parse(Some(header)).ok()?;
    Some((
        credentials.id.to_string(),
        credentials.secret?.reveal().clone(),
    ))
}

/// Everything is escaped, needed or not.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
