//! `doctor`: what an operator should know before going live, and what to do about it.

mod clients;
mod database;
mod jobs;
mod keys;
mod report;
mod secrets;
mod settings;

use std::{sync::Arc, time::Duration};

use clap::Args;
use domain::timestamp::Timestamp;
use shared::{
    db::{Database, DbError},
    token::key_life::KeyKeeper,
};

use super::mint;
use crate::{
    app_state::Behaviour,
    jobs::Housekeeping,
    settings::{SecretArgs, ServeArgs, ServeSettings},
};
use report::{Finding, Report};

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What the checks look at.
struct Patient<'a> {
    secrets: &'a SecretArgs,
    database: Database,
    issuer: String,
    keeper: KeyKeeper,
    behaviour: Behaviour,
    housekeeping: Housekeeping,
    drain: Duration,
    now: Timestamp,
}

/// Looks at one thing.
type Check = fn(&Patient<'_>) -> Result<Vec<Finding>, DbError>;

/// In the order in which they are shown.
const CHECKS: [Check; 17] = [
    database::clock,
    database::durability,
    keys::signing_key,
    keys::sealed_keys,
    secrets::strength,
    secrets::pepper,
    settings::public_url,
    settings::issuer_of_tokens,
    settings::gateway,
    settings::browsers,
    settings::limits,
    settings::drain,
    clients::unused,
    clients::ending,
    clients::device_scopes,
    clients::reusable_tokens,
    jobs::housekeeping,
];

impl DoctorArgs {
    pub(super) fn run(&self) -> Result<(), String> {
        let report = self.examine();
        report.print(self.json);
        match report.problems() {
            0 => Ok(()),
            1 => Err("1 problem: see above".to_owned()),
            problems => Err(format!("{problems} problems: see above")),
        }
    }

    fn examine(&self) -> Report {
        let mut report = Report::default();
        let settings = match self.serve.settings() {
            Ok(settings) => settings,
            Err(problems) => {
                report.extend(settings::unreadable(&problems));
                return report;
            }
        };
        let patient = match Patient::new(settings, self.serve.secrets()) {
            Ok(patient) => patient,
            Err(error) => {
                report.extend([database::unreachable(&error)]);
                return report;
            }
        };
        let migrated = database::migrated(&patient);
        let can_be_asked = !migrated.is_problem();
        report.extend([migrated]);
        if !can_be_asked {
            return report;
        }
        for check in CHECKS {
            match check(&patient) {
                Ok(findings) => report.extend(findings),
                Err(error) => report.extend([database::unreachable(&error)]),
            }
        }
        report
    }
}

impl<'a> Patient<'a> {
    fn new(settings: ServeSettings, secrets: &'a SecretArgs) -> Result<Self, DbError> {
        let mint = mint();
        Ok(Self {
            secrets,
            database: Database::open(&settings.database)?,
            issuer: settings.issuer,
            keeper: KeyKeeper {
                seal: Arc::new(settings.sealing_key),
                algorithm: settings.signing_algorithm,
                times: settings.behaviour.key_times,
                randomness: Arc::clone(&mint.randomness),
            },
            behaviour: settings.behaviour,
            housekeeping: settings.housekeeping,
            drain: settings.listening.drain,
            now: mint.now(),
        })
    }
}
