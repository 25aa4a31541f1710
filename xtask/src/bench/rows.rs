//! Rows that are made by SQL: those that pgbench works on, and those that only fill the database.

use super::CONNECTIONS;
use super::guests::Guest;
use crate::failure::{Failure, Outcome};
use crate::postgres::PostgresServer;
use std::collections::BTreeMap;

/// Guests for each connection of the load, for the servers and for pgbench.
pub const EACH: u32 = 10;
pub const GUESTS: u32 = EACH * CONNECTIONS;
/// Carts of the servers' guests and of pgbench together.
pub const UNDER_LOAD: u32 = 2 * GUESTS;
/// pgbench cannot make texts, so its rows have numbers of 18 digits as ids.
pub const FIRST_ROW: u64 = 100_000_000_000_000_000;
/// Numbers of its refresh tokens; a new range for every run.
const FIRST_FAMILY: u64 = 200_000_000_000_000_000;
const FAMILIES_OF_A_RUN: u64 = 1_000_000_000;

const SESSION_COLUMNS: &str = "project_key, customer_id, client_id, store_key, scope, state, state_reason, \
     generation, created_at, last_used_at, idle_expires_at, absolute_expires_at";
const CART_COLUMNS: &str = "project_key, kind, version, key, customer_id, state, store_key, created_at, \
     last_modified_at, modification_sequence, expires_at";

/// Copies each guest for pgbench and fills up to `carts`.
pub fn prepare(postgres: &PostgresServer, url: &str, carts: u32) -> Outcome<()> {
    postgres.query(
        url,
        "CREATE TABLE bench_guests AS SELECT row_number() OVER (ORDER BY d.id) - 1 AS n, d.id AS cart, \
         d.anonymous_id, s.id AS session FROM documents d JOIN sessions s USING (project_key, anonymous_id) \
         WHERE d.kind = 'cart'",
    )?;
    copy_guests(
        postgres,
        url,
        &format!(
            "SELECT n, ({FIRST_ROW} + n)::text AS cart, ({FIRST_ROW} + n)::text AS guest, \
             ({FIRST_ROW} + n)::text AS session FROM bench_guests"
        ),
    )?;
    fill(postgres, url, carts)
}

/// Adds carts of other guests, each with its session, until there are as many as asked for.
pub fn fill(postgres: &PostgresServer, url: &str, carts: u32) -> Outcome<()> {
    copy_guests(
        postgres,
        url,
        &format!(
            "SELECT i % {GUESTS} AS n, gen_random_uuid()::text AS cart, gen_random_uuid()::text AS guest, \
             gen_random_uuid()::text AS session FROM generate_series(1, {carts} - \
             (SELECT count(*) FROM documents WHERE kind = 'cart')) i"
        ),
    )?;
    postgres.query(url, "VACUUM (ANALYZE)").map(drop)
}

/// Copies sessions and carts of guests: `copies` has the guest's number and the new ids.
fn copy_guests(postgres: &PostgresServer, url: &str, copies: &str) -> Outcome<()> {
    let qualified = |columns: &str, table: &str| {
        let names: Vec<String> = columns
            .split(", ")
            .map(|column| format!("{table}.{column}"))
            .collect();
        names.join(", ")
    };
    postgres
        .query(
            url,
            &format!(
                "WITH copies AS MATERIALIZED ({copies}), started AS ( \
                 INSERT INTO sessions (id, anonymous_id, {SESSION_COLUMNS}) \
                 SELECT c.session, c.guest, {} FROM copies c JOIN bench_guests g USING (n) \
                 JOIN sessions s ON s.id = g.session) \
                 INSERT INTO documents (id, anonymous_id, body, {CART_COLUMNS}) \
                 SELECT c.cart, c.guest, replace(replace(d.body, g.cart, c.cart), g.anonymous_id, c.guest), {} \
                 FROM copies c JOIN bench_guests g USING (n) JOIN documents d \
                 ON d.project_key = 'demo' AND d.kind = 'cart' AND d.id = g.cart",
                qualified(SESSION_COLUMNS, "s"),
                qualified(CART_COLUMNS, "d"),
            ),
        )
        .map(drop)
}

/// The guests with the versions that their carts have now.
pub fn with_versions<'a>(
    postgres: &PostgresServer,
    url: &str,
    guests: &'a [Guest],
) -> Outcome<Vec<(&'a Guest, String)>> {
    let text = postgres.query(
        url,
        "SELECT d.id, d.version FROM bench_guests g JOIN documents d \
         ON d.project_key = 'demo' AND d.kind = 'cart' AND d.id = g.cart",
    )?;
    let versions: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    guests
        .iter()
        .map(|guest| {
            let version = versions.get(guest.cart.as_str());
            let version =
                version.ok_or_else(|| Failure::new(format!("the cart {} is gone", guest.cart)))?;
            Ok((guest, (*version).to_owned()))
        })
        .collect()
}

/// One session with a live refresh token for each client of pgbench; answers their number.
pub fn start_families(postgres: &PostgresServer, url: &str, run: u64) -> Outcome<u64> {
    let family = FIRST_FAMILY + run * FAMILIES_OF_A_RUN;
    postgres.query(
        url,
        &format!(
            "WITH started AS (INSERT INTO sessions (id, anonymous_id, {SESSION_COLUMNS}) \
             SELECT 's' || ({family} + i), 'a' || ({family} + i), {SESSION_COLUMNS} \
             FROM sessions, generate_series(0, {CONNECTIONS} - 1) i \
             WHERE id = (SELECT session FROM bench_guests WHERE n = 0)) \
             INSERT INTO refresh_tokens (hash, session_id, generation, state, created_at) \
             SELECT ({family} + i::bigint * 10000000) || 'oxJbh8rV29tT9rDdbFXkhSWTB', 's' || ({family} + i), \
             0, 'live', 0 FROM generate_series(0, {CONNECTIONS} - 1) i"
        ),
    )?;
    Ok(family)
}

/// What the scripts of `benches/pgbench` name, for rows of the database at `url`.
pub fn variables(postgres: &PostgresServer, url: &str) -> Outcome<Vec<(String, String)>> {
    let text = postgres.query(
        url,
        "SELECT s.client_id, s.scope, (extract(epoch FROM now()) * 1000)::bigint, \
         (extract(epoch FROM now()) * 1000)::bigint + 15552000000 \
         FROM bench_guests g JOIN sessions s ON s.id = g.session WHERE g.n = 0",
    )?;
    let values: Vec<&str> = text.trim_end().split('\t').collect();
    let [client, scope, now, expiry] = values.as_slice() else {
        return Err(Failure::new(format!("unexpected answer of psql: `{text}`")));
    };
    let given = [
        ("project", "demo"),
        ("client", client),
        ("scope", scope),
        ("now", now),
        ("expiry", expiry),
        ("jti", "jJL27DFre86x3-XKV_MirQ"),
        ("stock", "MUG-BLUE/"),
        (
            "sealed",
            "O5pUy8G7U6KCgzZ3UNNfPFUKCuxOTfosF_PYfWrOpFrnZOnfnhH1nL0vy6nx4teimXELVYmSp5S1SxUymfxaTTBKf81C3-HSWArYZw",
        ),
        ("generation", "0"),
    ];
    let mut all: Vec<(String, String)> = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    all.push(("first".to_owned(), FIRST_ROW.to_string()));
    all.push(("each".to_owned(), EACH.to_string()));
    Ok(all)
}
