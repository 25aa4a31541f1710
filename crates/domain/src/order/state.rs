//! The states an order, its payment, its shipment and its items can be in.

use serde::{Deserialize, Serialize};

/// Id of the built-in state `Initial` of type `LineItemState`, which every project has and every new item is in.
///
/// Fixed, so that making a line needs no query. Whoever creates a project creates this state with it.
pub const INITIAL_STATE_ID: &str = "7f0c6a3e-51d2-4b8e-9c07-2d5e8a1f4b60";

/// Where an order is in its life. Any transition is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderState {
    /// Placed.
    #[default]
    Open,
    /// Accepted.
    Confirmed,
    /// Done.
    Complete,
    /// Called off.
    Cancelled,
}

impl OrderState {
    /// The spelling on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Confirmed => "Confirmed",
            Self::Complete => "Complete",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// Where the payment of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentState {
    /// Some of it is missing.
    BalanceDue,
    /// It failed.
    Failed,
    /// It is under way.
    Pending,
    /// Too much was paid.
    CreditOwed,
    /// Paid.
    Paid,
}

/// Where the shipment of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShipmentState {
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Packed.
    Ready,
    /// Not yet begun.
    Pending,
    /// Late.
    Delayed,
    /// Some of it is shipped.
    Partial,
    /// Waiting for stock.
    Backorder,
    /// Called off.
    Canceled,
}
