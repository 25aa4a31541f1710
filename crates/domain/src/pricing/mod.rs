//! Which price applies, and what one unit costs.

pub mod select_price;
pub mod tiers;

pub use select_price::{PriceScope, select_price};
pub use tiers::{price_for_quantity, unit_price};
