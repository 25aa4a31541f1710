//! What the actions of a request leave to compute.

/// What [`crate::cart::recalculate`] has to do. Grows while actions are applied; empty in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    changed: bool,
    prices: bool,
    tax_rates: bool,
    shipping_rate: bool,
    availability: bool,
    product_data: bool,
}

impl Pending {
    /// Notes the outcome of a setter: totals, shipping price and tax follow any change.
    pub fn note(&mut self, changed: bool) {
        self.changed |= changed;
    }

    /// Something changed.
    pub fn change(&mut self) {
        self.changed = true;
    }

    /// Prices of all platform lines are to be selected again.
    pub fn reprice(&mut self) {
        self.changed = true;
        self.prices = true;
    }

    /// Tax rates of all items are to be selected again.
    pub fn retax(&mut self) {
        self.changed = true;
        self.tax_rates = true;
    }

    /// The shipping rate is to be selected again, and tax rates with it: the place changed.
    pub fn move_place(&mut self) {
        self.retax();
        self.shipping_rate = true;
    }

    /// Everything is brought up to date; lines that cannot be sold any more leave the cart.
    pub fn refresh(&mut self, update_product_data: bool) {
        self.reprice();
        self.move_place();
        self.availability = true;
        self.product_data |= update_product_data;
    }

    /// Prices are up to date.
    pub(crate) fn repriced(&mut self) {
        self.prices = false;
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        !self.changed
    }

    /// Whether prices are to be selected again.
    #[must_use]
    pub const fn prices(self) -> bool {
        self.prices
    }

    /// Whether tax rates are to be selected again.
    #[must_use]
    pub const fn tax_rates(self) -> bool {
        self.tax_rates
    }

    /// Whether the shipping rate is to be selected again.
    #[must_use]
    pub const fn shipping_rate(self) -> bool {
        self.shipping_rate
    }

    /// Whether lines that cannot be sold any more leave the cart.
    #[must_use]
    pub const fn availability(self) -> bool {
        self.availability
    }

    /// Whether names and variants are to be taken from the products again.
    #[must_use]
    pub const fn product_data(self) -> bool {
        self.product_data
    }
}

/// Stores a value and says whether it is another one than before.
pub(crate) fn replace<T: PartialEq>(slot: &mut T, value: T) -> bool {
    if *slot == value {
        return false;
    }
    *slot = value;
    true
}
