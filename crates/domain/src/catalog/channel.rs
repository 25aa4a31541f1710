//! Channels: where goods come from and where they are sold.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::{
    address::Address,
    catalog::shape::{add_missing, check_localized, check_text, without_repetitions},
    context::{Author, Context},
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    reference::{Reference, ResourceIdentifier},
    resource::{Resource, unborn},
    timestamp::Timestamp,
};

/// Where goods come from or where they are sold.
///
/// Source: <https://docs.commercetools.com/api/projects/channels>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    pub id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// Any text that is not empty, unlike the keys of other resources.
    pub key: String,
    pub roles: Vec<ChannelRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geo_location: Option<GeoPoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

crate::envelope!(Channel, required_key);

/// What a channel may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelRole {
    InventorySupply,
    ProductDistribution,
    OrderExport,
    OrderImport,
    Primary,
}

impl ChannelRole {
    /// The name the API uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InventorySupply => "InventorySupply",
            Self::ProductDistribution => "ProductDistribution",
            Self::OrderExport => "OrderExport",
            Self::OrderImport => "OrderImport",
            Self::Primary => "Primary",
        }
    }
}

/// A GeoJSON point (RFC 7946): longitude, latitude.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeoPoint {
    #[serde(rename = "type")]
    pub kind: GeoKind,
    /// Two numbers, kept as they were written.
    pub coordinates: Vec<Number>,
}

/// The only GeoJSON shape there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GeoKind {
    Point,
}

/// What a client sends to create a channel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelDraft {
    pub key: String,
    pub roles: Option<Vec<ChannelRole>>,
    pub name: Option<LocalizedString>,
    pub description: Option<LocalizedString>,
    pub address: Option<Address>,
    pub geo_location: Option<GeoPoint>,
    pub custom: Option<CustomFieldsDraft>,
}

/// What a client may do to a channel.
#[expect(
    clippy::large_enum_variant,
    reason = "lives for one request; an address is the common case"
)]
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ChannelAction {
    ChangeKey {
        key: String,
    },
    ChangeName {
        name: LocalizedString,
    },
    ChangeDescription {
        description: LocalizedString,
    },
    SetRoles {
        roles: Vec<ChannelRole>,
    },
    AddRoles {
        roles: Vec<ChannelRole>,
    },
    RemoveRoles {
        roles: Vec<ChannelRole>,
    },
    SetAddress {
        address: Option<Address>,
    },
    SetAddressCustomType {
        #[serde(rename = "type")]
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetAddressCustomField {
        name: String,
        value: Option<Value>,
    },
    SetGeoLocation {
        geo_location: Option<GeoPoint>,
    },
    SetCustomType {
        #[serde(rename = "type")]
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetCustomField {
        name: String,
        value: Option<Value>,
    },
}

impl Channel {
    fn address_custom(&mut self) -> Result<&mut Option<CustomFields>, DomainError> {
        self.address
            .as_mut()
            .map(|address| &mut address.custom)
            .ok_or_else(|| DomainError::operation("The channel has no address."))
    }
}

/// A reference to the channel a request names, which must have `role`.
///
/// # Errors
/// [`DomainError::ReferencedResourceNotFound`], [`DomainError::MissingRoleOnChannel`].
pub fn channel_with_role(
    identifier: &ResourceIdentifier,
    role: ChannelRole,
    context: &mut Context<'_>,
) -> Result<Reference, DomainError> {
    let channel = context.world.require::<Channel>(identifier)?;
    if channel.roles.contains(&role) {
        return Ok(Reference::new(Kind::Channel, channel.id.clone()));
    }
    Err(DomainError::MissingRoleOnChannel {
        channel: identifier
            .id
            .clone()
            .or_else(|| identifier.key.clone())
            .unwrap_or_default(),
        role: role.as_str(),
    })
}

fn checked_roles(roles: Vec<ChannelRole>) -> Result<Vec<ChannelRole>, DomainError> {
    if roles.is_empty() {
        return Err(DomainError::required("roles"));
    }
    Ok(without_repetitions(roles))
}

fn checked_point(point: Option<GeoPoint>) -> Result<Option<GeoPoint>, DomainError> {
    match point {
        Some(point) if point.coordinates.len() != 2 => Err(DomainError::input(format!(
            "`geoLocation.coordinates` must be longitude and latitude, found {} numbers",
            point.coordinates.len()
        ))),
        point => Ok(point),
    }
}

impl Resource for Channel {
    const KIND: Kind = Kind::Channel;
    type Draft = ChannelDraft;
    type Action = ChannelAction;

    fn create(draft: ChannelDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_text("key", &draft.key)?;
        for (field, text) in [("name", &draft.name), ("description", &draft.description)] {
            text.as_ref()
                .map_or(Ok(()), |text| check_localized(field, text))?;
        }
        Ok(Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            roles: match draft.roles {
                Some(roles) if !roles.is_empty() => without_repetitions(roles),
                Some(_) | None => vec![ChannelRole::InventorySupply],
            },
            name: draft.name,
            description: draft.description,
            address: draft.address,
            geo_location: checked_point(draft.geo_location)?,
            custom: draft
                .custom
                .map(|custom| custom.resolve("channel", context))
                .transpose()?,
        })
    }

    fn apply(
        &mut self,
        action: ChannelAction,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use ChannelAction as A;
        match action {
            A::ChangeKey { key } => {
                check_text("key", &key)?;
                self.key = key;
            }
            A::ChangeName { name } => {
                check_localized("name", &name)?;
                self.name = Some(name);
            }
            A::ChangeDescription { description } => {
                check_localized("description", &description)?;
                self.description = Some(description);
            }
            A::SetRoles { roles } => self.roles = checked_roles(roles)?,
            A::AddRoles { roles } => add_missing(&mut self.roles, roles),
            A::RemoveRoles { roles } => self.roles.retain(|role| !roles.contains(role)),
            A::SetAddress { address } => self.address = address,
            A::SetAddressCustomType {
                type_identifier,
                fields,
            } => {
                let custom = self.address_custom()?;
                custom_fields::set_type(custom, type_identifier, fields, "address", context)?;
            }
            A::SetAddressCustomField { name, value } => {
                custom_fields::set_field(self.address_custom()?, &name, value, context)?;
            }
            A::SetGeoLocation { geo_location } => self.geo_location = checked_point(geo_location)?,
            A::SetCustomType {
                type_identifier,
                fields,
            } => {
                let custom = &mut self.custom;
                custom_fields::set_type(custom, type_identifier, fields, "channel", context)?;
            }
            A::SetCustomField { name, value } => {
                custom_fields::set_field(&mut self.custom, &name, value, context)?;
            }
        }
        Ok(())
    }
}
