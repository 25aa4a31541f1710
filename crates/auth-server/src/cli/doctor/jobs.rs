//! Whether housekeeping is done, and how full the house is.

use shared::{
    db::DbError,
    jobs::{Lease, leases},
};

use super::{Patient, report::Finding};
use crate::store::checkup;

const HOUSEKEEPING: &str = "housekeeping";
const SESSIONS: &str = "sessions";
/// A job that nobody has started for so long after it was due stands still.
const PATIENCE_SECONDS: i64 = 2 * 3_600;
/// Percent of the cap that are worth a word.
const NEARLY_FULL: i64 = 80;

pub(super) fn housekeeping(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let jobs = patient.database.read_blocking(leases)?;
    let mut findings: Vec<Finding> = jobs
        .iter()
        .filter_map(|job| trouble(job, patient))
        .collect();
    if jobs.is_empty() {
        findings.push(Finding::hint(
            HOUSEKEEPING,
            "no server has ever done any here",
            "it is done by running servers, from their first minute",
        ));
    } else if findings.is_empty() {
        let found = format!("{} jobs, none failed or late", jobs.len());
        findings.push(Finding::ok(HOUSEKEEPING, found));
    }
    findings.extend(crowds(patient)?);
    Ok(findings)
}

fn trouble(job: &Lease, patient: &Patient<'_>) -> Option<Finding> {
    if let Some(failure) = &job.failure {
        return Some(Finding::problem(
            HOUSEKEEPING,
            format!("{} failed: {failure}", job.job),
            "it is tried again by itself; the servers' logs say more",
        ));
    }
    let is_at_work = job.holder.is_some() && patient.now < job.expires_at;
    let is_late = job.due_at.plus_seconds(PATIENCE_SECONDS) < patient.now;
    (is_late && !is_at_work).then(|| {
        Finding::warning(
            HOUSEKEEPING,
            format!("{} was due at {} and nobody does it", job.job, job.due_at),
            "is a server running over this database?",
        )
    })
}

fn crowds(patient: &Patient<'_>) -> Result<Vec<Finding>, DbError> {
    let Some(cap) = patient.housekeeping.most_refresh_tokens else {
        return Ok(vec![Finding::hint(
            SESSIONS,
            "MAX_REFRESH_TOKENS_PER_PROJECT is 0",
            "nothing stops a crawler from filling the database with guests but SESSION_RETENTION",
        )]);
    };
    let counts = patient.database.read_blocking(checkup::active_sessions)?;
    let full: Vec<Finding> = counts
        .iter()
        .filter(|(_, sessions)| sessions.saturating_mul(100) >= cap.saturating_mul(NEARLY_FULL))
        .map(|(project, sessions)| {
            Finding::warning(
                SESSIONS,
                format!("project {project} has {sessions} of at most {cap} sessions"),
                "beyond that the longest unused are evicted: raise MAX_REFRESH_TOKENS_PER_PROJECT, or give clients a \
                 shorter refreshTokenValiditySeconds",
            )
        })
        .collect();
    if !full.is_empty() {
        return Ok(full);
    }
    let most = counts.iter().map(|(_, sessions)| *sessions).max();
    let found = format!("at most {} of {cap} in a project", most.unwrap_or(0));
    Ok(vec![Finding::ok(SESSIONS, found)])
}
