//! Stock of a sku, at a supply channel or in general.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    catalog::shape::{check_optional_key, check_range, check_text},
    context::{Author, Context},
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    message::Message,
    project::RESERVATION_MINUTES,
    reference::{Reference, ResourceIdentifier},
    resource::{Index, Resource, Unique, unborn},
    timestamp::Timestamp,
};

mod availability;

pub use availability::availability;

/// Stock of a sku.
///
/// Source: <https://docs.commercetools.com/api/projects/inventory>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryEntry {
    pub id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub sku: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply_channel: Option<Reference>,
    pub quantity_on_stock: i64,
    /// What is on stock and not reserved.
    pub available_quantity: i64,
    /// Least quantity of the sku in one cart, at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_cart_quantity: Option<i64>,
    /// Greatest quantity of the sku in one cart, at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_cart_quantity: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restockable_in_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_delivery: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation_expiration_in_minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_levels: Option<StockLevels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

crate::envelope!(InventoryEntry, optional_key);

/// Quantities at which a merchant wants to be warned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockLevels {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reorder_point: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_stock: Option<i64>,
}

/// What a client sends to create an inventory entry.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InventoryEntryDraft {
    pub sku: String,
    pub key: Option<String>,
    pub supply_channel: Option<ResourceIdentifier>,
    pub quantity_on_stock: i64,
    pub min_cart_quantity: Option<i64>,
    pub max_cart_quantity: Option<i64>,
    pub restockable_in_days: Option<i64>,
    pub expected_delivery: Option<Timestamp>,
    pub reservation_expiration_in_minutes: Option<i64>,
    pub stock_levels: Option<StockLevels>,
    pub custom: Option<CustomFieldsDraft>,
}

/// What a client may do to an inventory entry.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum InventoryEntryAction {
    AddQuantity {
        quantity: i64,
    },
    RemoveQuantity {
        quantity: i64,
    },
    ChangeQuantity {
        quantity: i64,
    },
    SetInventoryLimits {
        min_cart_quantity: Option<i64>,
        max_cart_quantity: Option<i64>,
    },
    SetRestockableInDays {
        restockable_in_days: Option<i64>,
    },
    SetExpectedDelivery {
        expected_delivery: Option<Timestamp>,
    },
    SetSupplyChannel {
        supply_channel: Option<ResourceIdentifier>,
    },
    SetReservationExpirationInMinutes {
        reservation_expiration_in_minutes: Option<i64>,
    },
    SetReorderPoint {
        quantity: Option<i64>,
    },
    SetSafetyStock {
        quantity: Option<i64>,
    },
    SetKey {
        key: Option<String>,
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

/// The unique namespace of [`InventoryEntry::unique_name`].
pub const NAMESPACE: &str = "inventory";

impl InventoryEntry {
    /// The value in the unique namespace [`NAMESPACE`] that finds the entry of a sku at a supply channel.
    #[must_use]
    pub fn unique_name(sku: &str, supply_channel_id: Option<&str>) -> String {
        format!("{sku}/{}", supply_channel_id.unwrap_or_default())
    }

    /// Whether anything is available.
    #[must_use]
    pub const fn is_on_stock(&self) -> bool {
        self.available_quantity > 0
    }

    /// Whether an order of `quantity` may be placed: it is available, or the entry is going to be restocked.
    #[must_use]
    pub const fn can_supply(&self, quantity: i64) -> bool {
        self.available_quantity >= quantity || self.restockable_in_days.is_some()
    }

    /// Takes sold goods off the stock (`TrackOnly`); both quantities may become negative.
    ///
    /// # Errors
    /// [`DomainError::InvalidInput`] if a quantity leaves the signed 64-bit range.
    pub fn take(&mut self, quantity: i64) -> Result<(), DomainError> {
        let on_stock = checked(self.quantity_on_stock.checked_sub(quantity))?;
        self.available_quantity = checked(self.available_quantity.checked_sub(quantity))?;
        self.quantity_on_stock = on_stock;
        Ok(())
    }

    /// Reserves sold goods (`ReserveOnOrder`): they stay on stock but are no longer available.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn reserve(&mut self, quantity: i64) -> Result<(), DomainError> {
        self.available_quantity = checked(self.available_quantity.checked_sub(quantity))?;
        Ok(())
    }

    /// Moves the stock to `quantity`; what is reserved stays reserved.
    fn restock(
        &mut self,
        quantity: Option<i64>,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let on_stock = checked(quantity)?;
        if on_stock == self.quantity_on_stock {
            return Ok(());
        }
        let (old_on_stock, old_available) = (self.quantity_on_stock, self.available_quantity);
        let reserved = checked(old_on_stock.checked_sub(old_available))?;
        self.available_quantity = checked(on_stock.checked_sub(reserved))?;
        self.quantity_on_stock = on_stock;
        let mut message = Message::new("InventoryEntryQuantitySet")
            .with("oldQuantityOnStock", old_on_stock)
            .with("newQuantityOnStock", self.quantity_on_stock)
            .with("oldAvailableQuantity", old_available)
            .with("newAvailableQuantity", self.available_quantity)
            .with("sku", self.sku.as_str());
        if let Some(channel) = &self.supply_channel {
            message = message.with_document("supplyChannel", channel)?;
        }
        context.emit(message);
        Ok(())
    }

    fn change_stock_levels(&mut self, change: impl FnOnce(&mut StockLevels)) {
        let mut levels = self.stock_levels.unwrap_or_default();
        change(&mut levels);
        self.stock_levels = (levels != StockLevels::default()).then_some(levels);
    }
}

fn checked(quantity: Option<i64>) -> Result<i64, DomainError> {
    quantity.ok_or_else(|| {
        DomainError::input("`quantity` moves the stock out of the signed 64-bit range")
    })
}

fn check_limits(min: Option<i64>, max: Option<i64>) -> Result<(), DomainError> {
    for (field, limit) in [("minCartQuantity", min), ("maxCartQuantity", max)] {
        limit.map_or(Ok(()), |limit| check_range(field, limit, 1..=i64::MAX))?;
    }
    match (min, max) {
        (Some(min), Some(max)) if min > max => Err(DomainError::input(format!(
            "`minCartQuantity` ({min}) must not be greater than `maxCartQuantity` ({max})"
        ))),
        _ => Ok(()),
    }
}

fn check_minutes(minutes: Option<i64>) -> Result<(), DomainError> {
    minutes.map_or(Ok(()), |minutes| {
        check_range(
            "reservationExpirationInMinutes",
            minutes,
            RESERVATION_MINUTES,
        )
    })
}

fn supply_channel(
    identifier: Option<ResourceIdentifier>,
    context: &mut Context<'_>,
) -> Result<Option<Reference>, DomainError> {
    identifier
        .map(|identifier| context.world.reference(Kind::Channel, &identifier))
        .transpose()
}

impl Resource for InventoryEntry {
    const KIND: Kind = Kind::InventoryEntry;
    type Draft = InventoryEntryDraft;
    type Action = InventoryEntryAction;

    fn create(draft: InventoryEntryDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_text("sku", &draft.sku)?;
        check_optional_key("key", draft.key.as_deref())?;
        check_limits(draft.min_cart_quantity, draft.max_cart_quantity)?;
        check_minutes(draft.reservation_expiration_in_minutes)?;
        let entry = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            sku: draft.sku,
            supply_channel: supply_channel(draft.supply_channel, context)?,
            quantity_on_stock: draft.quantity_on_stock,
            available_quantity: draft.quantity_on_stock,
            min_cart_quantity: draft.min_cart_quantity,
            max_cart_quantity: draft.max_cart_quantity,
            restockable_in_days: draft.restockable_in_days,
            expected_delivery: draft.expected_delivery,
            reservation_expiration_in_minutes: draft.reservation_expiration_in_minutes,
            stock_levels: draft
                .stock_levels
                .filter(|levels| *levels != StockLevels::default()),
            custom: draft
                .custom
                .map(|custom| custom.resolve("inventory-entry", context))
                .transpose()?,
        };
        context
            .emit(Message::new("InventoryEntryCreated").with_document("inventoryEntry", &entry)?);
        Ok(entry)
    }

    fn apply(
        &mut self,
        action: InventoryEntryAction,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use InventoryEntryAction as A;
        match action {
            A::AddQuantity { quantity } => {
                self.restock(self.quantity_on_stock.checked_add(quantity), context)?;
            }
            A::RemoveQuantity { quantity } => {
                self.restock(self.quantity_on_stock.checked_sub(quantity), context)?;
            }
            A::ChangeQuantity { quantity } => self.restock(Some(quantity), context)?,
            A::SetInventoryLimits {
                min_cart_quantity,
                max_cart_quantity,
            } => {
                check_limits(min_cart_quantity, max_cart_quantity)?;
                self.min_cart_quantity = min_cart_quantity;
                self.max_cart_quantity = max_cart_quantity;
            }
            A::SetRestockableInDays {
                restockable_in_days: days,
            } => self.restockable_in_days = days,
            A::SetExpectedDelivery { expected_delivery } => {
                self.expected_delivery = expected_delivery;
            }
            A::SetSupplyChannel {
                supply_channel: named,
            } => self.supply_channel = supply_channel(named, context)?,
            A::SetReservationExpirationInMinutes {
                reservation_expiration_in_minutes: minutes,
            } => {
                check_minutes(minutes)?;
                self.reservation_expiration_in_minutes = minutes;
            }
            A::SetReorderPoint { quantity } => {
                self.change_stock_levels(|levels| levels.reorder_point = quantity);
            }
            A::SetSafetyStock { quantity } => {
                self.change_stock_levels(|levels| levels.safety_stock = quantity);
            }
            A::SetKey { key } => {
                check_optional_key("key", key.as_deref())?;
                self.key = key;
            }
            A::SetCustomType {
                type_identifier,
                fields,
            } => {
                let custom = &mut self.custom;
                custom_fields::set_type(
                    custom,
                    type_identifier,
                    fields,
                    "inventory-entry",
                    context,
                )?;
            }
            A::SetCustomField { name, value } => {
                custom_fields::set_field(&mut self.custom, &name, value, context)?;
            }
        }
        Ok(())
    }

    fn check_delete(&self, context: &mut Context<'_>) -> Result<(), DomainError> {
        let mut message = Message::new("InventoryEntryDeleted").with("sku", self.sku.as_str());
        if let Some(channel) = &self.supply_channel {
            message = message.with_document("supplyChannel", channel)?;
        }
        context.emit(message);
        Ok(())
    }

    fn index(&self) -> Index {
        let channel = self
            .supply_channel
            .as_ref()
            .map(|channel| channel.id.as_str());
        Index {
            unique: vec![Unique {
                namespace: NAMESPACE.to_owned(),
                value: Self::unique_name(&self.sku, channel),
                field: "sku",
                shown: self.sku.clone(),
            }],
            ..Index::default()
        }
    }
}
