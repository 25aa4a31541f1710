//! API clients in memory, at most a second old: a token request need not ask the database who its client is.

use std::sync::Arc;

use domain::{identity::ids::ClientId, timestamp::Timestamp};
use quick_cache::sync::Cache;
use shared::{
    clock::SharedClock,
    db::{Database, DbError},
};

use crate::store::clients;

pub use crate::model::client::Client;

/// Oldest copy that is used.
const MAX_AGE_MILLIS: i64 = 1_000;
/// Clients kept; each takes a few kilobytes.
const CAPACITY: usize = 1_000;

/// Recently used API clients.
pub struct ClientCache {
    database: Database,
    clock: SharedClock,
    clients: Cache<ClientId, (Arc<Client>, Timestamp)>,
    /// The day each client's use was last noted by this process.
    noted: Arc<Cache<ClientId, String>>,
}

impl ClientCache {
    /// An empty cache over `database`.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            database,
            clock,
            clients: Cache::new(CAPACITY),
            noted: Arc::new(Cache::new(CAPACITY)),
        }
    }

    /// The client `id`, as it was at most a second ago. Unknown clients are looked up every time.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn find(&self, id: &ClientId) -> Result<Option<Arc<Client>>, DbError> {
        let now = self.clock.now();
        if let Some((client, read_at)) = self.clients.get(id) {
            let age = now.millis().saturating_sub(read_at.millis());
            if (0..MAX_AGE_MILLIS).contains(&age) {
                return Ok(Some(client));
            }
        }
        let wanted = id.clone();
        let found = self
            .database
            .read(move |tx| clients::find(tx, &wanted))
            .await?
            .map(Arc::new);
        match &found {
            Some(client) => self.clients.insert(id.clone(), (Arc::clone(client), now)),
            None => {
                self.clients.remove(id);
            }
        }
        Ok(found)
    }

    /// Forgets a client that this process has just changed.
    pub fn forget(&self, id: &ClientId) {
        self.clients.remove(id);
    }

    /// Notes in the background that the client got a token, at most once a day.
    pub fn note_use(&self, client: &Client) {
        let day = self.clock.now().date();
        if client.last_used_on.as_ref() == Some(&day)
            || self.noted.get(&client.id).as_ref() == Some(&day)
        {
            return;
        }
        self.noted.insert(client.id.clone(), day.clone());
        let database = self.database.clone();
        let id = client.id.clone();
        let known = Arc::clone(&self.noted);
        tokio::spawn(async move {
            let used = id.clone();
            let noted = database
                .write(move |tx| clients::note_use(tx, &used, &day))
                .await;
            if let Err(error) = noted {
                let error: DbError = error;
                log::warn!("the last use of an API client was not noted: {error}");
                // The next token tries again.
                known.remove(&id);
            }
        });
    }
}
