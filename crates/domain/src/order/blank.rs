//! The empty order that imported orders begin as.

use crate::{
    cart::{CartOrigin, InventoryMode, ShippingMode},
    money::{RoundingMode, TypedMoney},
    order::{Order, OrderState},
    resource::unborn,
    tax::{TaxCalculationMode, TaxMode},
};

impl Order {
    /// An order without content, owner and envelope.
    #[must_use]
    pub(super) fn blank(total_price: TypedMoney) -> Self {
        Self {
            id: String::new(),
            version: 1,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            order_number: None,
            purchase_order_number: None,
            customer_id: None,
            customer_email: None,
            customer_group: None,
            anonymous_id: None,
            store: None,
            line_items: Vec::new(),
            custom_line_items: Vec::new(),
            total_price,
            taxed_price: None,
            taxed_shipping_price: None,
            discount_on_total_price: None,
            tax_mode: TaxMode::Platform,
            price_rounding_mode: RoundingMode::HalfEven,
            tax_rounding_mode: RoundingMode::HalfEven,
            tax_calculation_mode: TaxCalculationMode::LineItemLevel,
            inventory_mode: InventoryMode::None,
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
            cart: None,
            order_state: OrderState::Open,
            shipment_state: None,
            payment_state: None,
            state: None,
            sync_info: Vec::new(),
            return_info: Vec::new(),
            discount_type_combination: None,
            custom: None,
            completed_at: None,
        }
    }
}
