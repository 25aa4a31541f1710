//! The empty cart that every cart begins as.

use crate::{
    cart::{Cart, CartOrigin, CartState, InventoryMode, Pending, ShippingMode},
    money::{Currency, TypedMoney},
    project::CartsConfiguration,
    resource::unborn,
    tax::{TaxCalculationMode, TaxMode},
};

impl Cart {
    /// A cart without content, owner and envelope, with the settings of the project.
    #[must_use]
    pub fn blank(currency: Currency, settings: &CartsConfiguration) -> Self {
        Self {
            id: String::new(),
            version: 1,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: None,
            customer_id: None,
            customer_email: None,
            customer_group: None,
            anonymous_id: None,
            store: None,
            line_items: Vec::new(),
            custom_line_items: Vec::new(),
            total_line_item_quantity: None,
            total_price: TypedMoney::zero(currency),
            taxed_price: None,
            taxed_shipping_price: None,
            discount_on_total_price: None,
            tax_mode: TaxMode::Platform,
            price_rounding_mode: settings.price_rounding_mode,
            tax_rounding_mode: settings.tax_rounding_mode,
            tax_calculation_mode: TaxCalculationMode::LineItemLevel,
            inventory_mode: InventoryMode::None,
            cart_state: CartState::Active,
            freeze_strategy: None,
            billing_address: None,
            shipping_address: None,
            shipping_mode: ShippingMode::Single,
            shipping_key: None,
            shipping_info: None,
            shipping_rate_input: None,
            shipping_custom_fields: None,
            shipping: Vec::new(),
            item_shipping_addresses: Vec::new(),
            discount_codes: Vec::new(),
            direct_discounts: Vec::new(),
            refused_gifts: Vec::new(),
            payment_info: None,
            country: None,
            locale: None,
            origin: CartOrigin::Customer,
            custom: None,
            discount_type_combination: None,
            lock: None,
            delete_days_after_last_modification: Some(settings.delete_days_after_last_modification),
            purchase_order_number: None,
            pending: Pending::default(),
        }
    }
}
