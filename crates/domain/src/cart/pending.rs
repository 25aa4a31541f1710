//! What the actions of a request leave to compute.

/// What [`crate::cart::recalculate`] has to do. Grows while actions are applied; empty in the database.
///
/// An active cart is brought up to date after every action. Where an action makes prices or rates depend on something
/// else, they must exist; otherwise what the catalog does not have any more stays as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    touched: bool,
    stale: bool,
    prices: bool,
    tax_rates: bool,
    shipping_rate: bool,
    availability: bool,
    product_data: bool,
    new_items: bool,
}

impl Pending {
    /// An action was applied that no amount depends on.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// Notes the outcome of a setter: totals, shipping price and tax follow any change.
    pub fn note(&mut self, changed: bool) {
        self.touched |= changed;
        self.stale |= changed;
    }

    /// Something changed.
    pub fn change(&mut self) {
        self.note(true);
    }

    /// An item or a shipping method came: it must have a tax rate where the cart goes.
    pub fn add_item(&mut self) {
        self.change();
        self.new_items = true;
    }

    /// Prices of all platform lines are to be selected again, and must exist.
    pub fn reprice(&mut self) {
        self.change();
        self.prices = true;
    }

    /// Tax rates of all items are to be selected again, and must exist.
    pub fn retax(&mut self) {
        self.change();
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

    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        !self.touched
    }

    /// Whether the amounts on the cart may be those from before the actions.
    #[must_use]
    pub const fn is_stale(self) -> bool {
        self.stale
    }

    /// Whether every platform line must have a price.
    #[must_use]
    pub const fn prices(self) -> bool {
        self.prices
    }

    /// Whether every item must have a tax rate.
    #[must_use]
    pub const fn tax_rates(self) -> bool {
        self.tax_rates
    }

    /// Whether the shipping rate is to be selected again.
    #[must_use]
    pub const fn shipping_rate(self) -> bool {
        self.shipping_rate
    }

    /// Whether items without a tax rate must get one.
    #[must_use]
    pub const fn new_items(self) -> bool {
        self.new_items
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
