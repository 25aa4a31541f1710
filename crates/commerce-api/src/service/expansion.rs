//! Reference expansion: `expand=lineItems[*].productType` puts the target into `obj`.
//!
//! Unknown paths and dangling references are ignored. Expansion never widens what a request sees: on `/me` endpoints
//! only the caller's own carts, orders, lists and payments are put in.

use std::collections::BTreeSet;

use domain::{
    error::DomainError,
    identity::principal::Subject,
    kind::Kind,
    payment::{MyPayment, Payment},
    world::By,
};
use serde_json::Value;
use shared::db::{DbError, ReadTx};

use crate::{
    app_state::AppState,
    error::CommerceError,
    request::RequestContext,
    store::{documents, visibility::Visibility},
};

/// Most references one path may pass through.
const MAX_DEPTH: usize = 5;
/// Most distinct paths of a request.
const MAX_PATHS: usize = 100;

/// Expands documents; without paths they come back untouched.
///
/// # Errors
/// [`DomainError::InvalidInput`] for too many paths.
pub async fn expand_all(
    state: &AppState,
    request: &RequestContext,
    bodies: Vec<String>,
    paths: Vec<String>,
) -> Result<Vec<String>, CommerceError> {
    let paths: BTreeSet<String> = paths.into_iter().collect();
    if paths.is_empty() {
        return Ok(bodies);
    }
    if paths.len() > MAX_PATHS {
        return Err(DomainError::input(format!(
            "Malformed parameter: expand: at most {MAX_PATHS} paths are allowed, found {}",
            paths.len()
        ))
        .into());
    }
    let request = request.clone();
    state
        .database
        .read(move |tx| {
            let paths: Vec<Vec<&str>> =
                paths.iter().map(|path| path.split('.').collect()).collect();
            bodies
                .iter()
                .map(|body| {
                    let mut value: Value = serde_json::from_str(body)
                        .map_err(|error| DbError::Corrupt(error.to_string()))?;
                    for path in &paths {
                        expand(tx, &request, &mut value, path, 0)?;
                    }
                    Ok(value.to_string())
                })
                .collect()
        })
        .await
}

fn expand(
    tx: &mut ReadTx<'_>,
    request: &RequestContext,
    at: &mut Value,
    path: &[&str],
    depth: usize,
) -> Result<(), DbError> {
    let Some((step, rest)) = path.split_first() else {
        return resolve(tx, request, at).map(|_| ());
    };
    let mut depth = depth;
    if is_reference(at) {
        depth = depth.saturating_add(1);
        if depth > MAX_DEPTH || !resolve(tx, request, at)? {
            return Ok(());
        }
        if let Some(target) = at.get_mut("obj") {
            return expand(tx, request, target, path, depth);
        }
        return Ok(());
    }
    let (name, index) = step.split_once('[').map_or((*step, None), |(name, rest)| {
        (name, Some(rest.trim_end_matches(']')))
    });
    let Some(member) = at.get_mut(name) else {
        return Ok(());
    };
    match (index, member) {
        (Some("*"), Value::Array(elements)) => {
            for element in elements {
                expand(tx, request, element, rest, depth)?;
            }
            Ok(())
        }
        (Some(number), Value::Array(elements)) => {
            let element = number
                .parse::<usize>()
                .ok()
                .and_then(|at| elements.get_mut(at));
            element.map_or(Ok(()), |element| expand(tx, request, element, rest, depth))
        }
        (None, member) => expand(tx, request, member, rest, depth),
        (Some(_), _) => Ok(()),
    }
}

fn is_reference(value: &Value) -> bool {
    value.get("typeId").is_some_and(Value::is_string)
        && value.get("id").is_some_and(Value::is_string)
}

/// Puts the target of a reference into `obj`; answers whether it is there.
fn resolve(tx: &mut ReadTx<'_>, request: &RequestContext, at: &mut Value) -> Result<bool, DbError> {
    if !is_reference(at) {
        return Ok(false);
    }
    if at.get("obj").is_some() {
        return Ok(true);
    }
    let kind = at
        .get("typeId")
        .and_then(Value::as_str)
        .and_then(Kind::from_type_id);
    let (Some(kind), Some(id)) = (kind, at.get("id").and_then(Value::as_str)) else {
        return Ok(false);
    };
    let Some(row) = documents::find(tx, &visible(request, kind), kind, By::Id(id))? else {
        return Ok(false);
    };
    let target =
        shown(request, kind, &row.body).map_err(|error| DbError::Corrupt(error.to_string()))?;
    if let Value::Object(members) = at {
        members.insert("obj".to_owned(), target);
    }
    Ok(true)
}

/// Shoppers see less of their payments than backends, here as at the payments' own endpoint.
fn shown(request: &RequestContext, kind: Kind, body: &str) -> Result<Value, serde_json::Error> {
    if kind == Kind::Payment && request.acting_for != Subject::Client {
        let payment: Payment = serde_json::from_str(body)?;
        return serde_json::to_value(MyPayment::from(&payment));
    }
    serde_json::from_str(body)
}

fn visible(request: &RequestContext, kind: Kind) -> Visibility {
    let mut seen = request.whole_project();
    let owned = matches!(
        kind,
        Kind::Cart | Kind::Order | Kind::ShoppingList | Kind::Payment | Kind::Customer
    );
    if owned && request.acting_for != Subject::Client {
        seen.owner = request.acting_for.clone();
    }
    seen
}
