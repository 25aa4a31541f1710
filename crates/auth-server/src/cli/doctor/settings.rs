//! Settings that work on a desk and hurt in production.

use std::time::Duration;

use shared::{db::DbError, http::client_address::TrustedProxies};

use super::{Patient, report::Finding};
use crate::store::checkup;

const SETTINGS: &str = "settings";
const PUBLIC_URL: &str = "public URL";
const ISSUER: &str = "issuer of tokens";
const GATEWAY: &str = "gateway";
const BROWSERS: &str = "browsers";
const LIMITS: &str = "limits";
const STOPPING: &str = "stopping";

/// `keepalive_timeout` of the upstreams in deploy/nginx.conf.
const GATEWAY_KEEPS_IDLE: Duration = Duration::from_secs(4);

/// Settings that `serve` would not start with, one per line.
pub(super) fn unreadable(problems: &str) -> Vec<Finding> {
    problems
        .lines()
        .map(|line| {
            Finding::problem(
                SETTINGS,
                line,
                "`auth-server serve --help` says what is allowed",
            )
        })
        .collect()
}

pub(super) fn public_url(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let url = patient.issuer.as_str();
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    let is_here = ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|here| host.starts_with(here));
    Ok(vec![if url.starts_with("https://") {
        Finding::ok(PUBLIC_URL, url)
    } else if is_here {
        Finding::warning(
            PUBLIC_URL,
            format!("AUTH_PUBLIC_URL is {url}"),
            "only this machine can use it: set the https URL by which clients reach the gateway, on both servers",
        )
    } else {
        Finding::problem(
            PUBLIC_URL,
            format!("AUTH_PUBLIC_URL is {url}"),
            "secrets and tokens would travel in the clear: put a gateway with TLS in front and set its https URL",
        )
    }])
}

pub(super) fn issuer_of_tokens(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let now = patient.now;
    let issuers = patient
        .database
        .read_blocking(|tx| checkup::issuers_of_opaque_tokens(tx, now))?;
    let others: Vec<String> = issuers
        .into_iter()
        .filter(|issuer| *issuer != patient.issuer)
        .collect();
    Ok(vec![if others.is_empty() {
        Finding::ok(
            ISSUER,
            "stored tokens name AUTH_PUBLIC_URL or there are none",
        )
    } else {
        Finding::warning(
            ISSUER,
            format!("tokens in use were issued by {}", others.join(", ")),
            "they are refused under another AUTH_PUBLIC_URL: give all instances of both servers the same",
        )
    }])
}

pub(super) fn gateway(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let network = &patient.behaviour.network;
    let trusts_nobody = network.trusted_proxies == TrustedProxies::default();
    let is_behind_one = patient.issuer.starts_with("https://");
    let mut findings = Vec::new();
    if !network.require_tls {
        findings.push(Finding::warning(
            GATEWAY,
            "REQUIRE_TLS is off",
            "whoever reaches this port may send secrets in the clear: turn it on and set TRUSTED_PROXIES",
        ));
    }
    if is_behind_one && trusts_nobody {
        findings.push(Finding::warning(
            GATEWAY,
            "TRUSTED_PROXIES is empty, but AUTH_PUBLIC_URL is https: there is a gateway",
            "set it to the gateway's addresses; without, its requests are refused as plain HTTP (unless it runs on this \
             machine) and all shoppers share its limits",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(GATEWAY, "plain HTTP is refused from elsewhere"));
    }
    Ok(findings)
}

pub(super) fn browsers(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let mut findings = vec![match &patient.behaviour.allowed_origins {
        None => Finding::hint(
            BROWSERS,
            "CORS_ORIGINS is `*`",
            "any web page may call this server, without cookies; list the origins of your storefronts to keep others out",
        ),
        Some(origins) => Finding::ok(BROWSERS, format!("from {}", origins.join(", "))),
    }];
    if patient.behaviour.accept_secrets_in_query {
        findings.push(Finding::hint(
            BROWSERS,
            "ACCEPT_SECRETS_IN_QUERY is on",
            "old clients need it; gateways write query strings into their logs: turn it off if yours send forms",
        ));
    }
    Ok(findings)
}

pub(super) fn limits(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    if patient.behaviour.limits.are_on {
        return Ok(vec![Finding::ok(LIMITS, "on")]);
    }
    Ok(vec![Finding::warning(
        LIMITS,
        "RATE_LIMITS is off",
        "passwords can be guessed as fast as they can be hashed: turn it on",
    )])
}

/// A gateway may send a request on a connection that it keeps idle, just when the server is gone.
pub(super) fn drain(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let found = format!("DRAIN_SECONDS is {}", patient.drain.as_secs());
    Ok(vec![if patient.drain > GATEWAY_KEEPS_IDLE {
        Finding::ok(STOPPING, found)
    } else {
        Finding::hint(
            STOPPING,
            found,
            "a restart may cost requests: make it longer than the gateway keeps idle connections (4 s in deploy/nginx.conf)",
        )
    }])
}
