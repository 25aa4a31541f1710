//! What stock of a variant is shown to buyers.

use std::collections::BTreeMap;

use crate::{
    catalog::inventory::InventoryEntry,
    product::{ChannelAvailability, VariantAvailability},
};

/// The stock of a variant over all entries of its sku; `None` if there is no entry.
#[must_use]
pub fn availability<'a>(
    entries: impl IntoIterator<Item = &'a InventoryEntry>,
) -> Option<VariantAvailability> {
    let mut availability = VariantAvailability::default();
    let mut channels = BTreeMap::new();
    let mut any = false;
    for entry in entries {
        any = true;
        match &entry.supply_channel {
            None => {
                availability.is_on_stock = Some(entry.is_on_stock());
                availability.restockable_in_days = entry.restockable_in_days;
                availability.available_quantity = Some(entry.available_quantity);
                availability.id = Some(entry.id.clone());
                availability.version = Some(entry.version);
            }
            Some(channel) => {
                channels.insert(
                    channel.id.clone(),
                    ChannelAvailability {
                        is_on_stock: entry.is_on_stock(),
                        restockable_in_days: entry.restockable_in_days,
                        available_quantity: entry.available_quantity,
                        id: entry.id.clone(),
                        version: entry.version,
                    },
                );
            }
        }
    }
    availability.channels = channels;
    any.then_some(availability)
}
