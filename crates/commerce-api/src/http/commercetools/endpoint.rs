//! Where a resource is served, for whom, and what its endpoints do.

use actix_web::{HttpRequest, HttpResponse, Resource as Paths, web};
use domain::{
    error::DomainError,
    kind::Kind,
    resource::{Resource, decode_actions, decode_draft},
    world::By,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors::ApiError;
use crate::{
    access::{Audience, Permission, Verb, backend_scopes, my_scopes},
    error::CommerceError,
    http::extract::path,
    service::{
        resources::{self, Deletion, OwnedBy, Update},
        work::Work,
    },
};

/// The use case of a draft.
pub type CreateCase<R> = fn(&mut Work<'_, '_>, <R as Resource>::Draft) -> Result<R, CommerceError>;

/// The use case of an update.
pub type UpdateCase<R> = fn(
    &mut Work<'_, '_>,
    By<'_>,
    Result<Update<<R as Resource>::Action>, DomainError>,
) -> Result<R, CommerceError>;

/// The use case of a deletion.
pub type DeleteCase<R> =
    fn(&mut Work<'_, '_>, By<'_>, Result<Deletion, DomainError>) -> Result<R, CommerceError>;

/// Decodes the actions of an update, one by one.
pub type DecodeActions<A> = fn(Vec<Value>) -> Result<Vec<A>, DomainError>;

/// How the endpoints of a resource decode bodies, and what they do with them.
pub struct Handling<R: Resource> {
    /// A draft.
    pub draft: fn(Value) -> Result<R::Draft, DomainError>,
    /// The actions of an update.
    pub actions: DecodeActions<R::Action>,
    /// What a draft does.
    pub create: CreateCase<R>,
    /// What an update does.
    pub update: UpdateCase<R>,
    /// What a deletion does.
    pub delete: DeleteCase<R>,
}

impl<R: Resource> Clone for Handling<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Resource> Copy for Handling<R> {}

impl<R: Resource> Handling<R> {
    /// Drafts and actions of backends, and the life cycle that resources share.
    #[must_use]
    pub fn backend() -> Self {
        Self {
            draft: decode_draft::<R::Draft>,
            actions: decode_actions::<R::Action>,
            create: resources::create::<R>,
            update: resources::update::<R>,
            delete: resources::delete::<R>,
        }
    }

    /// Drafts and actions of shoppers: types of their own, so that what a shopper may not do cannot be decoded.
    #[must_use]
    pub fn shopper<D, A>() -> Self
    where
        D: DeserializeOwned + Into<R::Draft>,
        A: DeserializeOwned + Into<R::Action>,
    {
        Self {
            draft: |body| decode_draft::<D>(body).map(Into::into),
            actions: |actions| {
                Ok(decode_actions::<A>(actions)?
                    .into_iter()
                    .map(Into::into)
                    .collect())
            },
            ..Self::backend()
        }
    }
}

/// Where a resource is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Which kind.
    pub kind: Kind,
    /// For whom.
    pub audience: Audience,
}

impl Endpoint {
    /// For backends.
    #[must_use]
    pub const fn backend(kind: Kind) -> Self {
        Self {
            kind,
            audience: Audience::Backend,
        }
    }

    /// For shoppers, below `/me`.
    #[must_use]
    pub const fn shopper(kind: Kind) -> Self {
        Self {
            kind,
            audience: Audience::Shopper,
        }
    }

    /// What the endpoint demands for a verb.
    #[must_use]
    pub const fn permission(self, verb: Verb) -> Permission {
        let any_of = match self.audience {
            Audience::Backend => backend_scopes(self.kind, verb),
            _ => my_scopes(self.kind),
        };
        Permission {
            any_of,
            audience: self.audience,
        }
    }

    /// The path of its collection below `prefix`.
    #[must_use]
    pub fn collection(self, prefix: &str) -> String {
        let me = if self.audience == Audience::Backend {
            ""
        } else {
            "/me"
        };
        format!("{prefix}{me}/{}", self.kind.collection())
    }
}

/// How an item path names its resource.
#[derive(Clone, Copy, Debug)]
pub enum Naming {
    /// `/{id}`
    Id,
    /// `/key={key}`
    Key,
    /// `/order-number={orderNumber}`
    OrderNumber,
}

impl Naming {
    /// The last segment of the path.
    #[must_use]
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::Id => "{id}",
            Self::Key => "key={key}",
            Self::OrderNumber => "order-number={orderNumber}",
        }
    }

    /// What a request's path names.
    #[must_use]
    pub fn of(self, http: &HttpRequest) -> OwnedBy {
        match self {
            Self::Id => OwnedBy::Id(path::parameter(http, "id")),
            Self::Key => OwnedBy::Key(path::parameter(http, "key")),
            Self::OrderNumber => {
                OwnedBy::Unique("order-number", path::parameter(http, "orderNumber"))
            }
        }
    }
}

/// Methods of a path that is only read.
pub const READ: &str = "GET, HEAD";
/// Methods of a collection that takes drafts.
pub const LIST_AND_CREATE: &str = "GET, HEAD, POST";
/// Methods of a resource that takes updates.
pub const READ_AND_CHANGE: &str = "GET, HEAD, POST, DELETE";
/// Methods of a path that does something.
pub const POST: &str = "POST";

/// A path with exactly these `methods`; any other is answered with 405 and the `Allow` header of RFC 9110.
#[must_use]
pub fn at(path: &str, methods: &'static str) -> Paths {
    web::resource(path).default_service(web::to(move |http: HttpRequest| async move {
        let method = http.method().to_string();
        Err::<HttpResponse, _>(ApiError(CommerceError::MethodNotAllowed {
            method,
            allowed: methods,
        }))
    }))
}
