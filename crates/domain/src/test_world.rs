//! A project of plain maps, for unit tests of rules.

use std::{collections::BTreeMap, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    context::{Author, Context, Ids},
    error::{DomainError, WorldError},
    identity::{ids::StoreKey, principal::Subject},
    kind::Kind,
    money::Currency,
    project::Project,
    resource::{Resource, decode_actions, decode_draft, strip_nulls},
    timestamp::Timestamp,
    world::{AnyResource, By, ParseResource, World},
};

/// 2026-01-31T09:15:00.000Z, the instant of every test unless it says otherwise.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_769_850_900_000);

/// One stored document.
struct Stored {
    id: String,
    key: Option<String>,
    unique: Vec<(String, String)>,
    text: String,
}

/// All resources of a test, by kind, in the order they were put in.
#[derive(Default)]
pub(crate) struct TestWorld {
    documents: BTreeMap<Kind, Vec<Stored>>,
}

impl TestWorld {
    /// Adds a resource, or replaces the one with its id.
    pub(crate) fn put<R: Resource>(&mut self, resource: &R) {
        let stored = Stored {
            id: resource.id().to_owned(),
            key: resource.key().map(str::to_owned),
            unique: resource
                .index()
                .unique
                .into_iter()
                .map(|unique| (unique.namespace, unique.value))
                .collect(),
            text: serde_json::to_string(resource).unwrap(),
        };
        self.store(R::KIND, stored);
    }

    /// Adds a document that only needs to exist, such as the target of a reference.
    pub(crate) fn put_bare(&mut self, kind: Kind, id: &str, key: Option<&str>) {
        let stored = Stored {
            id: id.to_owned(),
            key: key.map(str::to_owned),
            unique: Vec::new(),
            text: "{}".to_owned(),
        };
        self.store(kind, stored);
    }

    fn store(&mut self, kind: Kind, stored: Stored) {
        let all = self.documents.entry(kind).or_default();
        match all.iter_mut().find(|other| other.id == stored.id) {
            Some(other) => *other = stored,
            None => all.push(stored),
        }
    }

    fn found(&self, kind: Kind, by: By<'_>) -> Option<&Stored> {
        self.documents.get(&kind)?.iter().find(|stored| match by {
            By::Id(id) => stored.id == id,
            By::Key(key) => stored.key.as_deref() == Some(key),
            By::Unique(namespace, value) => stored
                .unique
                .iter()
                .any(|(space, held)| space == namespace && held == value),
        })
    }
}

impl World for TestWorld {
    fn find(
        &mut self,
        kind: Kind,
        by: By<'_>,
        parse: ParseResource,
    ) -> Result<Option<AnyResource>, WorldError> {
        self.found(kind, by)
            .map(|stored| parse(&stored.text))
            .transpose()
    }

    fn find_all(
        &mut self,
        kind: Kind,
        parse: ParseResource,
    ) -> Result<Arc<Vec<AnyResource>>, WorldError> {
        let all = self.documents.get(&kind).map_or(&[][..], Vec::as_slice);
        let parsed: Result<Vec<_>, _> = all.iter().map(|stored| parse(&stored.text)).collect();
        parsed.map(Arc::new)
    }

    fn identify(
        &mut self,
        kind: Kind,
        by: By<'_>,
    ) -> Result<Option<(String, Option<String>)>, WorldError> {
        Ok(self
            .found(kind, by)
            .map(|stored| (stored.id.clone(), stored.key.clone())))
    }
}

/// Ids that count up: `00000000-0000-4000-8000-000000000001`, `short001`.
#[derive(Default)]
pub(crate) struct TestIds(u32);

impl Ids for TestIds {
    fn uuid(&mut self) -> String {
        self.0 += 1;
        format!("00000000-0000-4000-8000-{:012}", self.0)
    }

    fn short(&mut self) -> String {
        self.0 += 1;
        format!("short{:03}", self.0)
    }
}

/// Everything a [`Context`] borrows from. Change the members, then ask for [`Self::context`].
pub(crate) struct Surroundings {
    /// The resources of the project.
    pub(crate) world: TestWorld,
    /// Where new ids come from.
    pub(crate) ids: TestIds,
    /// The project: key `demo`, EUR USD JPY KWD, DE US JP KW, en de.
    pub(crate) project: Project,
    /// Whom the changes are attributed to.
    pub(crate) author: Author,
    /// On whose behalf the request is made.
    pub(crate) acting_for: Subject,
    /// The store of the endpoint.
    pub(crate) store: Option<StoreKey>,
    /// The instant of the request.
    pub(crate) now: Timestamp,
}

impl Surroundings {
    /// An empty project and a backend client.
    pub(crate) fn new() -> Self {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let currencies = ["EUR", "USD", "JPY", "KWD"]
            .iter()
            .map(|code| Currency::parse(code).unwrap())
            .collect();
        Self {
            world: TestWorld::default(),
            ids: TestIds::default(),
            project: Project::new(
                "demo",
                "Demo",
                currencies,
                texts(&["DE", "US", "JP", "KW"]),
                texts(&["en", "de"]),
                NOW,
            ),
            author: Author::of("test-client", &Subject::Client),
            acting_for: Subject::Client,
            store: None,
            now: NOW,
        }
    }

    /// The context of one request.
    pub(crate) fn context(&mut self) -> Context<'_> {
        Context {
            now: self.now,
            author: &self.author,
            acting_for: &self.acting_for,
            store: self.store.as_ref(),
            project: Arc::new(self.project.clone()),
            ids: &mut self.ids,
            world: &mut self.world,
            messages: Vec::new(),
        }
    }

    /// Creates a resource from the JSON of its draft, as the service does, without putting it into the world.
    pub(crate) fn create<R: Resource>(&mut self, draft: Value) -> Result<R, DomainError> {
        let draft = decoded::<R::Draft>(draft)?;
        let mut resource = R::create(draft, &mut self.context())?;
        let id = self.ids.uuid();
        resource.born(id, &self.author, self.now);
        Ok(resource)
    }

    /// As [`Self::create`], and puts the resource into the world.
    pub(crate) fn created<R: Resource>(&mut self, draft: Value) -> R {
        let resource = self.create::<R>(draft).unwrap();
        self.world.put(&resource);
        resource
    }

    /// Applies the JSON of actions to a copy of the resource, as the service does: the version grows if it changed.
    pub(crate) fn apply<R: Resource>(
        &mut self,
        resource: &R,
        actions: Value,
    ) -> Result<R, DomainError> {
        let mut actions = actions;
        strip_nulls(&mut actions);
        let Value::Array(actions) = actions else {
            panic!("actions must be an array");
        };
        let mut changed = resource.clone();
        let mut context = self.context();
        for action in decode_actions::<R::Action>(actions)? {
            changed.apply(action, &mut context)?;
        }
        if changed != *resource {
            changed.settle(&mut context)?;
        }
        drop(context);
        if changed != *resource {
            changed.touched(&self.author, self.now);
        }
        Ok(changed)
    }
}

fn decoded<D: DeserializeOwned>(mut body: Value) -> Result<D, DomainError> {
    strip_nulls(&mut body);
    decode_draft(body)
}

/// The resource without its envelope, as JSON.
pub(crate) fn shown<R: Resource>(resource: &R) -> Value {
    let mut shown = serde_json::to_value(resource).unwrap();
    if let Some(members) = shown.as_object_mut() {
        for envelope in [
            "id",
            "version",
            "createdAt",
            "lastModifiedAt",
            "createdBy",
            "lastModifiedBy",
        ] {
            members.remove(envelope);
        }
    }
    shown
}
