//! What operators ask about sessions.

use auth_server::{
    grants::session_trace::{self, Trace},
    store::session_records::{self, Filter},
};
use domain::identity::ids::{AnonymousId, CustomerId, ProjectKey, SessionId};
use serde_json::Value;
use shared::{db::DbError, token::audit};

use super::shop::{PROJECT, Shop};

impl Shop {
    /// What is known of a guest.
    pub fn trace(&self, guest: &str) -> Option<Trace> {
        let (project, guest) = (ProjectKey::new(PROJECT), AnonymousId::new(guest));
        let database = &self.database.database;
        let trace = database
            .read_blocking::<_, DbError>(|tx| session_trace::of_guest(tx, &project, &guest));
        trace.expect("a trace")
    }

    /// How the sessions of a customer came to an end, and the reason.
    pub fn ends_of_customer(&self, customer: &str) -> Vec<(String, Value)> {
        let filter = Filter {
            customer_id: Some(CustomerId::new(customer)),
            ..Filter::default()
        };
        let project = ProjectKey::new(PROJECT);
        let database = &self.database.database;
        let events = database.read_blocking::<_, DbError>(|tx| {
            let mut events = Vec::new();
            for session in session_records::list(tx, &project, &filter, 100)? {
                events.extend(audit::of_session(tx, &SessionId::new(session.id))?);
            }
            Ok(events)
        });
        let events = events.expect("the events").into_iter();
        events
            .filter(|event| event.event.starts_with("session_"))
            .map(|event| (event.event, event.detail["reason"].clone()))
            .collect()
    }
}
