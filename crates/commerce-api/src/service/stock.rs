//! Taking an order's units from the stock, in the transaction that places the order.

use domain::{
    cart::InventoryMode,
    catalog::inventory::InventoryEntry,
    error::DomainError,
    kind::Kind,
    order::{Order, StockDemand, stock_demand},
    world::By,
};

use super::work::Work;
use crate::{error::CommerceError, store::documents};

/// Takes what the order needs.
///
/// Entries are locked in the order of their names, so that two orders cannot wait for each other in a circle.
///
/// # Errors
/// [`DomainError::OutOfStock`] naming every line that cannot be served.
pub fn take(work: &mut Work<'_, '_>, order: &Order) -> Result<(), CommerceError> {
    let mut demands = stock_demand(order);
    demands.sort_by_cached_key(name);
    let mut missing: Vec<StockDemand> = Vec::new();
    for demand in demands {
        if !take_one(work, &demand)? {
            missing.push(demand);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(DomainError::OutOfStock {
        line_items: missing
            .iter()
            .map(|demand| demand.line_item_id.clone())
            .collect(),
        skus: missing.into_iter().map(|demand| demand.sku).collect(),
    }
    .into())
}

fn name(demand: &StockDemand) -> String {
    InventoryEntry::unique_name(&demand.sku, demand.supply_channel.as_deref())
}

fn take_one(work: &mut Work<'_, '_>, demand: &StockDemand) -> Result<bool, CommerceError> {
    let seen = work.request.whole_project();
    let name = name(demand);
    let by = By::Unique("inventory", &name);
    let Some(row) = documents::find_locked(work.tx, &seen, Kind::InventoryEntry, by)? else {
        // Without an entry there is nothing to take from, in every mode that looks at the stock.
        return Ok(false);
    };
    let before = row.parse::<InventoryEntry>()?;
    let mut after = before.clone();
    match demand.mode {
        InventoryMode::None => return Ok(true),
        InventoryMode::TrackOnly => after.take(demand.quantity)?,
        InventoryMode::ReserveOnOrder | InventoryMode::ReserveOnCart => {
            let short = before.available_quantity < demand.quantity;
            if short && before.restockable_in_days.is_none() {
                return Ok(false);
            }
            after.reserve(demand.quantity)?;
        }
    }
    work.save_uncached(&row, &before, after)?;
    Ok(true)
}
