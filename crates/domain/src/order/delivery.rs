//! What was shipped: deliveries and their parcels.

use serde::{Deserialize, Serialize};

use crate::{
    address::{Address, AddressDraft},
    catalog::shape::check_optional_key,
    context::Context,
    custom_fields::{CustomFields, CustomFieldsDraft},
    error::DomainError,
    timestamp::Timestamp,
};

/// Items that left together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Server-made id.
    pub id: String,
    /// User-defined key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// What is in it.
    #[serde(default)]
    pub items: Vec<DeliveryItem>,
    /// How it is packed.
    #[serde(default)]
    pub parcels: Vec<Parcel>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

/// Units of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryItem {
    /// Id of a line item or custom line item.
    pub id: String,
    /// How many units.
    pub quantity: i64,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parcel {
    /// Server-made id.
    pub id: String,
    /// User-defined key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// How large it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measurements: Option<ParcelMeasurements>,
    /// How it is followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_data: Option<TrackingData>,
    /// What is in it.
    #[serde(default)]
    pub items: Vec<DeliveryItem>,
    /// Custom fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

/// Size in millimetres and weight in grams.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParcelMeasurements {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height_in_millimeter: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_in_millimeter: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width_in_millimeter: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_in_gram: Option<i64>,
}

/// How a parcel is followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackingData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_transaction: Option<String>,
    #[serde(default)]
    pub is_return: bool,
}

/// A delivery to add.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDraft {
    /// `deliveryKey` in actions.
    #[serde(alias = "deliveryKey")]
    pub key: Option<String>,
    /// Which of several shipping methods.
    pub shipping_key: Option<String>,
    #[serde(default)]
    pub items: Vec<DeliveryItem>,
    #[serde(default)]
    pub parcels: Vec<ParcelDraft>,
    pub address: Option<AddressDraft>,
    pub custom: Option<CustomFieldsDraft>,
}

/// A parcel to add.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParcelDraft {
    pub key: Option<String>,
    pub measurements: Option<ParcelMeasurements>,
    pub tracking_data: Option<TrackingData>,
    #[serde(default)]
    pub items: Vec<DeliveryItem>,
    pub custom: Option<CustomFieldsDraft>,
}

/// A parcel to add to a delivery, named by id or key.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParcelAddition {
    pub delivery_id: Option<String>,
    pub delivery_key: Option<String>,
    pub parcel_key: Option<String>,
    pub measurements: Option<ParcelMeasurements>,
    pub tracking_data: Option<TrackingData>,
    #[serde(default)]
    pub items: Vec<DeliveryItem>,
    pub custom: Option<CustomFieldsDraft>,
}

impl DeliveryDraft {
    /// The delivery with new ids.
    ///
    /// # Errors
    /// [`DomainError::InvalidField`] for a malformed key or a quantity below 1.
    pub fn resolve(self, context: &mut Context<'_>) -> Result<Delivery, DomainError> {
        check_optional_key("deliveryKey", self.key.as_deref())?;
        check_items(&self.items)?;
        Ok(Delivery {
            id: context.ids.uuid(),
            key: self.key,
            created_at: context.now,
            items: self.items,
            parcels: self
                .parcels
                .into_iter()
                .map(|parcel| parcel.resolve(context))
                .collect::<Result<_, _>>()?,
            address: self
                .address
                .map(|address| address.resolve_in_place_of(None, context))
                .transpose()?,
            custom: self
                .custom
                .map(|custom| custom.resolve("order-delivery", context))
                .transpose()?,
        })
    }
}

impl ParcelDraft {
    /// The parcel with a new id.
    ///
    /// # Errors
    /// As [`DeliveryDraft::resolve`].
    pub fn resolve(self, context: &mut Context<'_>) -> Result<Parcel, DomainError> {
        check_optional_key("parcelKey", self.key.as_deref())?;
        check_items(&self.items)?;
        Ok(Parcel {
            id: context.ids.uuid(),
            key: self.key,
            created_at: context.now,
            measurements: self.measurements,
            tracking_data: self.tracking_data,
            items: self.items,
            custom: self
                .custom
                .map(|custom| custom.resolve("order-parcel", context))
                .transpose()?,
        })
    }
}

fn check_items(items: &[DeliveryItem]) -> Result<(), DomainError> {
    match items.iter().find(|item| item.quantity < 1) {
        Some(item) => Err(DomainError::field("items.quantity", item.quantity)),
        None => Ok(()),
    }
}
