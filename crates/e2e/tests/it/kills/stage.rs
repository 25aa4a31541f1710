//! The two servers as processes, which are killed and started again while visitors wait at the door.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::support::{ApiClients, Credentials, Http, Lost, PROJECT, Process, Progress, Reply};
use testkit::TestDatabase;

pub const AUTH: usize = 0;
pub const API: usize = 1;
const PROGRAMS: [&str; 2] = ["auth-server", "commerce-api"];
/// A server that is not back after so long never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where each server answers; `None` while it is down.
type Urls = [Option<String>; 2];

pub struct Stage {
    pub clients: ApiClients,
    environment: Vec<(&'static str, String)>,
    urls: Mutex<Urls>,
    changed: Condvar,
    /// Requests that were answered with success.
    pub progress: Progress,
}

impl Stage {
    pub fn new(database: &TestDatabase, clients: ApiClients) -> Self {
        // As in production: what is acknowledged is on disk.
        let (url, _) = database
            .url
            .split_once("?synchronous=off")
            .unwrap_or((&database.url, ""));
        let environment = vec![
            ("DATABASE_URL", url.to_owned()),
            ("KEY_ENCRYPTION_KEY", "07".repeat(32)),
            ("SECRET_PEPPER", "09".repeat(32)),
            ("AUTH_PUBLIC_URL", "https://auth.shop.example".to_owned()),
            ("RATE_LIMITS", "off".to_owned()),
            ("PASSWORD_COST", "cheap".to_owned()),
        ];
        Self {
            clients,
            environment,
            urls: Mutex::default(),
            changed: Condvar::new(),
            progress: Progress::default(),
        }
    }

    fn urls(&self) -> MutexGuard<'_, Urls> {
        self.urls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a server and opens its door.
    pub fn start(&self, server: usize) -> Process {
        let process = Process::serve(PROGRAMS[server], &self.environment);
        self.urls()[server] = Some(process.url.clone());
        self.changed.notify_all();
        process
    }

    /// Kills a server in the middle of whatever it does.
    pub fn kill(&self, server: usize, process: Process) {
        self.urls()[server] = None;
        process.kill();
    }

    /// Where a server answers, as soon as it does.
    fn url(&self, server: usize) -> String {
        let mut urls = self.urls();
        loop {
            if let Some(url) = &urls[server] {
                return url.clone();
            }
            let waited = self.changed.wait_timeout(urls, PATIENCE);
            let (now, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            assert!(
                !timeout.timed_out(),
                "{} does not come back",
                PROGRAMS[server]
            );
            urls = now;
        }
    }

    /// A server may be dead, but it never says 5xx.
    fn answered(&self, reply: Result<Reply, Lost>) -> Result<Reply, Lost> {
        let reply = reply?;
        assert!(reply.status < 500, "{reply:?}");
        if reply.status < 300 {
            self.progress.step();
        }
        Ok(reply)
    }

    /// Sends a form to the auth server.
    pub fn ask(
        &self,
        http: &Http,
        client: &Credentials,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Reply, Lost> {
        let url = format!("{}{path}", self.url(AUTH));
        self.answered(http.try_form(&url, client, form))
    }

    /// Calls the API as the bearer of a token.
    pub fn call(
        &self,
        http: &Http,
        token: &str,
        method: &str,
        path: &str,
        body: Option<String>,
    ) -> Result<Reply, Lost> {
        let url = format!("{}/{PROJECT}{path}", self.url(API));
        let headers = [
            ("authorization", format!("Bearer {token}")),
            ("content-type", "application/json".to_owned()),
        ];
        self.answered(http.try_send(method, &url, &headers, body))
    }
}
