//! The database: whether it is there, knows the time, and keeps what it was given.

use shared::db::{DbError, Dialect, clock::now};

use super::{Patient, report::Finding};
use crate::store::checkup::{self, PostgresSettings, SqliteSettings};

const DATABASE: &str = "database";
const CLOCK: &str = "clock";
const DURABILITY: &str = "durability";
/// PostgreSQL 14, as `server_version_num` says it.
const OLDEST_POSTGRES: i64 = 140_000;
/// SQLite's number for `synchronous=FULL`.
const FULL: i64 = 2;
/// Clocks further apart make deadlines of sessions wrong, and servers unready.
const MAX_SKEW_SECONDS: i64 = 30;
const NOTABLE_SKEW_SECONDS: i64 = 5;

pub(super) fn unreachable(error: &DbError) -> Finding {
    Finding::problem(
        DATABASE,
        error.to_string(),
        "check DATABASE_URL, and that the database runs and lets this machine in",
    )
}

pub(super) fn migrated(patient: &Patient<'_>) -> Finding {
    match patient.database.is_migrated() {
        Ok(true) => Finding::ok(DATABASE, "reachable, schema up to date"),
        Ok(false) => Finding::problem(
            DATABASE,
            "the schema is not up to date",
            "run `auth-server migrate`",
        ),
        Err(error) => unreachable(&error),
    }
}

pub(super) fn clock(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let theirs = patient.database.read_blocking::<_, DbError>(now)?;
    let Some(theirs) = theirs else {
        return Ok(vec![Finding::ok(
            CLOCK,
            "the database has no clock of its own",
        )]);
    };
    let ours = super::mint().now().millis();
    let seconds = ours.saturating_sub(theirs.millis()) / 1_000;
    let found = format!("{seconds} s ahead of the database's");
    let advice = "synchronise the clocks of all machines (NTP)";
    Ok(vec![match seconds.abs() {
        0..=NOTABLE_SKEW_SECONDS => Finding::ok(CLOCK, found),
        ..=MAX_SKEW_SECONDS => Finding::warning(CLOCK, found, advice),
        _ => Finding::problem(CLOCK, found, advice),
    }])
}

pub(super) fn durability(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    match patient.database.dialect() {
        Dialect::Postgres => {
            let settings = patient.database.read_blocking(checkup::postgres_settings)?;
            Ok(postgres(&settings))
        }
        Dialect::Sqlite => {
            let settings = patient.database.read_blocking(checkup::sqlite_settings)?;
            Ok(sqlite(&settings))
        }
    }
}

fn postgres(settings: &PostgresSettings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let version = settings.version_number;
    let major = version / 10_000;
    if version < OLDEST_POSTGRES {
        findings.push(Finding::problem(
            DURABILITY,
            format!("PostgreSQL {major}"),
            "this server is tested with PostgreSQL 14 and newer",
        ));
    }
    for (name, value) in &settings.switches {
        if value == "off" {
            findings.push(Finding::problem(
                DURABILITY,
                format!("{name} = off"),
                format!("an acknowledged order can be lost: ALTER SYSTEM SET {name} = on"),
            ));
        }
    }
    if findings.is_empty() {
        let found = format!("PostgreSQL {major}, commits are on disk before they are acknowledged");
        findings.push(Finding::ok(DURABILITY, found));
    }
    findings
}

fn sqlite(settings: &SqliteSettings) -> Vec<Finding> {
    let mut findings = Vec::new();
    if settings.journal_mode != "wal" {
        findings.push(Finding::problem(
            DURABILITY,
            format!("journal_mode = {}", settings.journal_mode),
            "readers and the writer wait for each other: put the file on a disk of this machine, not a network share",
        ));
    }
    if settings.synchronous < FULL {
        findings.push(Finding::warning(
            DURABILITY,
            "DATABASE_URL turns `synchronous` down",
            "an acknowledged order can be lost when the power fails: leave `?synchronous=…` out",
        ));
    }
    if findings.is_empty() {
        let found = "SQLite, WAL, commits are on disk before they are acknowledged";
        findings.push(Finding::ok(DURABILITY, found));
    }
    findings
}
