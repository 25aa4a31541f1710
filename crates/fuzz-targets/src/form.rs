//! The parameters of a token request: the query on the first line, the body below.

use std::collections::BTreeSet;

use auth_server::http::form::{Form, MAX_PARAMETERS};
use url::form_urlencoded;

use crate::{Verdict, first_line};

const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

/// A form has each name once and no empty value, and written by a standard encoder it is the same form.
pub fn check(data: &[u8]) -> Verdict {
    let (query, body) = first_line(data);
    let Some(query) = std::str::from_utf8(query).ok() else {
        return Verdict::Refused;
    };
    let Ok(form) = Form::decode(query, body, FORM) else {
        return Verdict::Refused;
    };
    let names: BTreeSet<&str> = form.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), form.iter().count(), "a name occurs twice");
    assert!(names.len() <= MAX_PARAMETERS);
    for (name, value) in form.iter() {
        assert!(!value.is_empty() && !value.contains('\0'));
        assert_eq!(form.get(name), Some(value));
    }
    let mut encoder = form_urlencoded::Serializer::new(String::new());
    let encoded = encoder.extend_pairs(form.iter()).finish();
    // Escapes are longer than what they stand for, and a query has no limit of its own here.
    let again = Form::decode(&encoded, b"", None).expect("an encoded form");
    assert!(again.iter().eq(form.iter()), "{encoded}");
    Verdict::Accepted
}
