//! API clients: those that are forgotten, and those that may do too much.

use domain::identity::scope::{Scope, ScopeName, ScopeSet};
use shared::db::DbError;

use super::{Patient, report::Finding};
use crate::{
    model::client::{Client, RefreshTokenMode},
    store::checkup,
};

const UNUSED: &str = "unused clients";
const ENDING: &str = "client secrets";
const DEVICE_SCOPES: &str = "device scopes";
const REUSABLE: &str = "refresh tokens";
const DAY: i64 = 86_400;
const LONG_UNUSED: i64 = 90 * DAY;
const SOON: i64 = 14 * DAY;

pub(super) fn unused(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let since = patient.now.plus_seconds(-LONG_UNUSED);
    let day = since.date();
    let is_unused = |client: &Client| match &client.last_used_on {
        Some(last) => *last < day,
        None => client.created_at < since,
    };
    let findings = each(patient, is_unused, |client| {
        let last = match &client.last_used_on {
            Some(last) => format!("was last used on {last}"),
            None => "was never used".to_owned(),
        };
        Finding::warning(
            UNUSED,
            format!("{} {last}", name(client)),
            "delete it if nobody needs it: `auth-server client delete`",
        )
    })?;
    Ok(or_ok(
        findings,
        UNUSED,
        "every client was used within 90 days",
    ))
}

pub(super) fn ending(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let soon = patient.now.plus_seconds(SOON);
    let is_ending = |client: &Client| client.delete_at.is_some_and(|at| at < soon);
    let mut findings = each(patient, is_ending, |client| {
        let at = client.delete_at.map(|at| at.to_string());
        Finding::warning(
            ENDING,
            format!("{} is deleted at {}", name(client), at.unwrap_or_default()),
            "its sessions end with it: make another client and move the application over in time",
        )
    })?;
    let now = patient.now;
    let doubles = patient
        .database
        .read_blocking(|tx| checkup::clients_with_several_secrets(tx, now))?;
    findings.extend(doubles.into_iter().map(|id| {
        Finding::hint(
            ENDING,
            format!("client {id} has more than one secret that works"),
            "fine while its application changes over; then end the old one",
        )
    }));
    Ok(or_ok(
        findings,
        ENDING,
        "no client ends soon, each has one secret",
    ))
}

/// A backend's client may hold what it likes, also the right to start guests for its shoppers. It hurts when their sessions
/// hold it, too.
pub(super) fn device_scopes(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let strong = |scopes: &ScopeSet| -> Vec<String> {
        let strong = scopes.iter().filter(|scope| manages_the_project(scope));
        strong.map(ToString::to_string).collect()
    };
    let is_too_strong =
        |client: &Client| is_for_devices(client) && !strong(&client.scope).is_empty();
    let clients = patient.database.read_blocking(checkup::clients)?;
    let mut findings = Vec::new();
    for client in clients.iter().filter(|client| is_too_strong(client)) {
        if client.is_public {
            findings.push(Finding::problem(
                DEVICE_SCOPES,
                format!("{} holds {}", name(client), strong(&client.scope).join(" ")),
                "anybody can get tokens with these scopes: make a client without them",
            ));
            continue;
        }
        let sessions = patient
            .database
            .read_blocking(|tx| checkup::scopes_of_shoppers(tx, &client.id))?;
        if let Some(given) = sessions.iter().map(strong).find(|given| !given.is_empty()) {
            findings.push(Finding::warning(
                DEVICE_SCOPES,
                format!("shoppers' sessions of {} hold {}", name(client), given.join(" ")),
                "a device keeps no secret: give apps a client of their own (`--template mobile` or `browser`), and let a \
                 backend ask for its shoppers' tokens with a `scope`; DEVICE_SCOPE_POLICY=deny grants no such scopes",
            ));
        }
    }
    let fine = "no shopper's session manages the project";
    Ok(or_ok(findings, DEVICE_SCOPES, fine))
}

pub(super) fn reusable_tokens(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let is_reusable = |client: &Client| {
        client.refresh_token_mode == RefreshTokenMode::Reusable && is_for_devices(client)
    };
    let findings = each(patient, is_reusable, |client| {
        Finding::warning(
            REUSABLE,
            format!("refresh tokens of {} never change", name(client)),
            "a stolen one is good for months and nobody notices: use refreshTokenMode `rotating` for apps",
        )
    })?;
    let fine = "those of devices rotate or are bound to a key";
    Ok(or_ok(findings, REUSABLE, fine))
}

fn each(
    patient: &Patient<'_>,
    wanted: impl Fn(&Client) -> bool,
    finding: impl Fn(&Client) -> Finding,
) -> Result<Vec<Finding>, DbError> {
    let clients = patient.database.read_blocking(checkup::clients)?;
    Ok(clients
        .iter()
        .filter(|client| wanted(client))
        .map(finding)
        .collect())
}

fn or_ok(findings: Vec<Finding>, check: &'static str, fine: &str) -> Vec<Finding> {
    if findings.is_empty() {
        return vec![Finding::ok(check, fine)];
    }
    findings
}

fn name(client: &Client) -> String {
    format!("client {} ({}, {})", client.id, client.project, client.name)
}

/// Whether the client may start sessions of guests by a scope of that name, or keeps no secret at all.
fn is_for_devices(client: &Client) -> bool {
    client.is_public
        || client.scope.iter().any(|scope| {
            matches!(
                scope,
                Scope::Permission {
                    name: ScopeName::CreateAnonymousToken,
                    ..
                }
            )
        })
}

/// `manage_…` of the whole project, other than of the shopper's own things.
fn manages_the_project(scope: &Scope) -> bool {
    match scope {
        Scope::Permission {
            name, store: None, ..
        } => {
            let name = name.as_str();
            name.starts_with("manage_") && !name.starts_with("manage_my_")
        }
        Scope::Permission { .. } | Scope::Customer(_) | Scope::Anonymous(_) => false,
    }
}
