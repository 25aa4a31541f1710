//! Custom objects: any JSON under a container and a key. They have no actions: a write creates or replaces.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    reference::ResourceIdentifier,
    resource::{Envelope, Index, Resource, Unique, strip_nulls, unborn},
    timestamp::Timestamp,
};

/// Most characters of a container or key.
pub const MAX_NAME_LENGTH: usize = 256;

/// A custom object in the shape of the commercetools API.
///
/// Source: <https://docs.commercetools.com/api/projects/custom-objects#customobject>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomObject {
    /// Server-made id.
    pub id: String,
    /// Grows with every change of `value`.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// Who created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    /// The name space.
    pub container: String,
    /// Unique within the container.
    pub key: String,
    /// Any JSON but `null`; no object in it has a member that is `null`.
    pub value: Value,
}

// The key is unique within its container only: container and key together are a value of `index`.
crate::envelope!(CustomObject, no_key);

/// What a client sends to create or replace a custom object.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomObjectDraft {
    /// 1 to [`MAX_NAME_LENGTH`] characters of `[-_~.a-zA-Z0-9]`.
    pub container: String,
    /// As `container`.
    pub key: String,
    /// Required; any JSON but `null`.
    pub value: Option<Value>,
    /// The version that is to be replaced; 0 if there must be none.
    pub version: Option<i64>,
}

impl CustomObjectDraft {
    /// Whether the draft may be written over `existing`.
    ///
    /// # Errors
    /// [`DomainError::ConcurrentModification`] if the draft expects another version.
    pub fn check_version(&self, existing: Option<&CustomObject>) -> Result<(), DomainError> {
        let actual = existing.map_or(0, |object| object.version);
        match self.version {
            Some(expected) if expected != actual => Err(DomainError::ConcurrentModification {
                id: existing.map_or_else(
                    || CustomObject::path(&self.container, &self.key),
                    |object| object.id().to_owned(),
                ),
                expected,
                actual,
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn checked_value(&mut self) -> Result<Value, DomainError> {
        check_name("container", &self.container)?;
        check_name("key", &self.key)?;
        let mut value = self
            .value
            .take()
            .filter(|value| !value.is_null())
            .ok_or_else(|| DomainError::required("value"))?;
        strip_nulls(&mut value);
        Ok(value)
    }
}

fn check_name(field: &str, name: &str) -> Result<(), DomainError> {
    let shaped = (1..=MAX_NAME_LENGTH).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte));
    if shaped {
        Ok(())
    } else {
        Err(DomainError::field(field, name))
    }
}

impl CustomObject {
    /// Namespace of container and key, see [`CustomObject::path`].
    pub const NAMESPACE: &'static str = "custom-object";

    /// Container and key as one value; neither can contain the slash.
    #[must_use]
    pub fn path(container: &str, key: &str) -> String {
        format!("{container}/{key}")
    }

    /// Replaces the value; says whether it is another one.
    ///
    /// # Errors
    /// [`DomainError::RequiredField`] without value, [`DomainError::InvalidField`] for a misshapen container or key,
    /// [`DomainError::InvalidInput`] if they are not those of this object.
    pub fn replace(&mut self, mut draft: CustomObjectDraft) -> Result<bool, DomainError> {
        let value = draft.checked_value()?;
        if (draft.container.as_str(), draft.key.as_str()) != (&self.container, &self.key) {
            return Err(DomainError::input(format!(
                "the custom object `{}` cannot become `{}`",
                Self::path(&self.container, &self.key),
                Self::path(&draft.container, &draft.key)
            )));
        }
        let changed = self.value != value;
        self.value = value;
        Ok(changed)
    }

    /// How an absent object is reported.
    #[must_use]
    pub fn not_found(container: &str, key: &str) -> DomainError {
        DomainError::ResourceNotFound {
            identifier: ResourceIdentifier::by_key(Self::path(container, key)),
        }
    }
}

/// There are no update actions of custom objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum NoAction {}

impl Resource for CustomObject {
    const KIND: Kind = Kind::CustomObject;
    type Draft = CustomObjectDraft;
    type Action = NoAction;

    fn create(mut draft: Self::Draft, _context: &mut Context<'_>) -> Result<Self, DomainError> {
        let value = draft.checked_value()?;
        Ok(Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            last_modified_by: None,
            created_by: None,
            container: draft.container,
            key: draft.key,
            value,
        })
    }

    fn apply(
        &mut self,
        action: Self::Action,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        match action {}
    }

    fn index(&self) -> Index {
        let path = Self::path(&self.container, &self.key);
        Index {
            unique: vec![Unique::new(Self::NAMESPACE, "key", &path)],
            ..Index::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{CustomObject, CustomObjectDraft, NoAction};
    use crate::{
        error::DomainError,
        resource::{Resource, Unique, decode_actions, decode_draft},
        test_world::Surroundings,
    };

    fn draft(body: Value) -> CustomObjectDraft {
        decode_draft(body).unwrap()
    }

    fn stored(value: &Value) -> CustomObject {
        Surroundings::new()
            .create(json!({ "container": "flags", "key": "~a.b-C_1", "value": value }))
            .unwrap()
    }

    #[test]
    fn any_json_is_kept_with_its_digits() {
        let value: Value = serde_json::from_str(r#"[1.10, "a", {"b": [null, false]}]"#).unwrap();
        let object = stored(&value);
        let text = serde_json::to_string(&object).unwrap();
        let expected =
            r#""container":"flags","key":"~a.b-C_1","value":[1.10,"a",{"b":[null,false]}]}"#;
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn members_that_are_null_are_dropped_and_a_bare_null_is_refused() {
        let context = &mut Surroundings::new();
        let context = &mut context.context();
        let body =
            json!({ "container": "a", "key": "b", "value": { "x": null, "y": { "z": null } } });
        let object = CustomObject::create(draft(body), context).unwrap();
        assert_eq!(object.value, json!({ "y": {} }));
        for body in [
            json!({ "container": "a", "key": "b", "value": null }),
            json!({ "container": "a", "key": "b" }),
        ] {
            let refused = CustomObject::create(draft(body), context);
            assert!(
                matches!(&refused, Err(DomainError::RequiredField { field }) if field == "value"),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn container_and_key_have_a_small_alphabet() {
        let context = &mut Surroundings::new();
        for (container, key, wrong) in [
            ("a b", "k", "container"),
            ("", "k", "container"),
            ("c", "k/l", "key"),
            ("c", "ä", "key"),
        ] {
            let body = json!({ "container": container, "key": key, "value": 1 });
            let refused = CustomObject::create(draft(body), &mut context.context());
            assert!(
                matches!(&refused, Err(DomainError::InvalidField { field, .. }) if field == wrong),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn replacing_with_an_equal_value_changes_nothing() {
        let mut object = stored(&json!({ "a": 1 }));
        let mut write = |value: Value| {
            object.replace(draft(
                json!({ "container": "flags", "key": "~a.b-C_1", "value": value }),
            ))
        };
        assert!(!write(json!({ "a": 1, "b": null })).unwrap());
        assert!(write(json!({ "a": 2 })).unwrap());
        assert_eq!(object.value, json!({ "a": 2 }));
    }

    #[test]
    fn a_version_must_be_the_stored_one_and_zero_means_none() {
        let object = stored(&json!(1));
        let with = |version: Value| {
            draft(json!({ "container": "flags", "key": "k", "value": 2, "version": version }))
        };
        assert!(with(json!(1)).check_version(Some(&object)).is_ok());
        assert!(with(Value::Null).check_version(Some(&object)).is_ok());
        assert!(with(json!(0)).check_version(None).is_ok());
        assert!(matches!(
            with(json!(0)).check_version(Some(&object)),
            Err(DomainError::ConcurrentModification {
                expected: 0,
                actual: 1,
                ..
            })
        ));
        assert!(matches!(
            with(json!(3)).check_version(None),
            Err(DomainError::ConcurrentModification {
                expected: 3,
                actual: 0,
                ..
            })
        ));
    }

    #[test]
    fn container_and_key_together_are_unique() {
        let unique = stored(&json!(1)).index().unique;
        assert_eq!(
            unique,
            [Unique::new("custom-object", "key", "flags/~a.b-C_1")]
        );
    }

    #[test]
    fn there_are_no_actions() {
        let refused = decode_actions::<NoAction>(vec![json!({ "action": "setKey", "key": "a" })]);
        assert!(matches!(refused, Err(DomainError::UnknownAction { .. })));
    }
}
