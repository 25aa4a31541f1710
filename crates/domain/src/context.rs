//! What a rule is told about the request it works for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    identity::{ids::StoreKey, principal::Subject},
    kind::Kind,
    message::Message,
    project::Project,
    reference::Reference,
    timestamp::Timestamp,
    world::World,
};

/// New identifiers, made from randomness outside of the domain.
pub trait Ids {
    /// A new resource id: a lowercase UUID.
    fn uuid(&mut self) -> String;

    /// A new short id for parts such as addresses: eight characters of `[A-Za-z0-9_-]`.
    fn short(&mut self) -> String;
}

/// Who made a change: the shape of `createdBy` and `lastModifiedBy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Author {
    /// Always `false`: no request comes from the vendor's own tools.
    #[serde(default)]
    pub is_platform_client: bool,
    /// The API client that obtained the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `X-External-User-ID` of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_user_id: Option<String>,
    /// The customer, for a customer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Reference>,
    /// The anonymous session, for an anonymous token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
}

impl Author {
    /// The author that a token stands for.
    #[must_use]
    pub fn of(client_id: &str, subject: &Subject) -> Self {
        let mut author = Self {
            client_id: Some(client_id.to_owned()),
            ..Self::default()
        };
        match subject {
            Subject::Client => {}
            Subject::Anonymous(id) => author.anonymous_id = Some(id.as_str().to_owned()),
            Subject::Customer(id) => {
                author.customer = Some(Reference::new(Kind::Customer, id.as_str()));
            }
        }
        author
    }
}

/// The surroundings of one request: time, ids, project, world, and the messages it leaves.
pub struct Context<'a> {
    /// The one instant of the request.
    pub now: Timestamp,
    /// Whom `createdBy` and `lastModifiedBy` name.
    pub author: &'a Author,
    /// On whose behalf: `Client` for backend endpoints, the token's subject on `/me` endpoints.
    pub acting_for: &'a Subject,
    /// The store of an in-store endpoint.
    pub store: Option<&'a StoreKey>,
    /// The project's settings.
    pub project: Arc<Project>,
    /// Source of new ids.
    pub ids: &'a mut dyn Ids,
    /// The rest of the project.
    pub world: &'a mut dyn World,
    /// Messages to store with the resource being written.
    pub messages: Vec<Message>,
}

impl Context<'_> {
    /// Leaves a message about the resource being written.
    pub fn emit(&mut self, message: Message) {
        self.messages.push(message);
    }
}
