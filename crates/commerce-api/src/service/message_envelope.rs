//! Messages that carry the resource they are about: rules make them before the resource has its envelope.

use domain::{context::Author, kind::Kind, message::Message, resource::Resource};
use serde_json::{Map, Value, json};

/// Gives the resource inside of its messages the envelope it is stored with.
///
/// `id` is what the resource has had for an id while the rules ran: none if it is new. A member of the payload is the
/// resource, or a projection of it, if it has this id and a version.
pub fn seal<R: Resource>(messages: &mut [Message], id: &str, resource: &R, author: &Author) {
    let inside = messages
        .iter_mut()
        .flat_map(|message| message.payload.values_mut())
        .filter_map(Value::as_object_mut)
        .filter(|members| members.get("id").is_some_and(|found| found == id))
        .filter(|members| members.contains_key("version"));
    for members in inside {
        seal_one(members, id.is_empty(), resource, author);
    }
}

fn seal_one<R: Resource>(
    members: &mut Map<String, Value>,
    is_new: bool,
    resource: &R,
    author: &Author,
) {
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("id", json!(resource.id()));
    set("version", json!(resource.version()));
    set("createdAt", json!(resource.created_at()));
    set("lastModifiedAt", json!(resource.last_modified_at()));
    // Messages about products show projections, which do not say who made them.
    if R::KIND == Kind::Product {
        return;
    }
    set("lastModifiedBy", json!(author));
    if is_new {
        set("createdBy", json!(author));
    }
}
