//! What a shopper sends to create a cart of their own.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    address::AddressDraft,
    cart::{
        CartDraft, InventoryMode, LineItemDraft, ShippingMode,
        draft_parts::ItemShippingDetailsDraft,
    },
    custom_fields::CustomFieldsDraft,
    reference::ResourceIdentifier,
    tax::TaxMode,
    timestamp::Timestamp,
};

/// A new cart of the token's subject. Members that only a back end may send do not exist here.
///
/// Source: <https://docs.commercetools.com/api/projects/me-carts#mycartdraft>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyCartDraft {
    /// Currency of every amount, one of the project's.
    pub currency: String,
    pub customer_email: Option<String>,
    /// Refused: there are no business units.
    pub business_unit: Option<Value>,
    pub store: Option<ResourceIdentifier>,
    pub line_items: Option<Vec<MyLineItemDraft>>,
    pub tax_mode: Option<TaxMode>,
    pub inventory_mode: Option<InventoryMode>,
    pub billing_address: Option<AddressDraft>,
    pub shipping_address: Option<AddressDraft>,
    pub shipping_method: Option<ResourceIdentifier>,
    pub item_shipping_addresses: Option<Vec<AddressDraft>>,
    pub shipping_mode: Option<ShippingMode>,
    pub discount_codes: Option<Vec<String>>,
    pub country: Option<String>,
    pub locale: Option<String>,
    pub delete_days_after_last_modification: Option<i64>,
    pub custom: Option<CustomFieldsDraft>,
}

impl From<MyCartDraft> for CartDraft {
    fn from(mine: MyCartDraft) -> Self {
        Self {
            customer_email: mine.customer_email,
            business_unit: mine.business_unit,
            store: mine.store,
            line_items: mine
                .line_items
                .map(|lines| lines.into_iter().map(Into::into).collect()),
            tax_mode: mine.tax_mode,
            inventory_mode: mine.inventory_mode,
            billing_address: mine.billing_address,
            shipping_address: mine.shipping_address,
            shipping_method: mine.shipping_method,
            item_shipping_addresses: mine.item_shipping_addresses,
            shipping_mode: mine.shipping_mode,
            discount_codes: mine.discount_codes,
            country: mine.country,
            locale: mine.locale,
            delete_days_after_last_modification: mine.delete_days_after_last_modification,
            custom: mine.custom,
            ..Self::new(mine.currency)
        }
    }
}

/// A line a shopper adds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MyLineItemDraft {
    pub key: Option<String>,
    pub product_id: Option<String>,
    pub variant_id: Option<i64>,
    pub sku: Option<String>,
    pub quantity: Option<i64>,
    pub added_at: Option<Timestamp>,
    pub supply_channel: Option<ResourceIdentifier>,
    pub distribution_channel: Option<ResourceIdentifier>,
    pub shipping_details: Option<ItemShippingDetailsDraft>,
    /// Refused: nothing is ordered again by itself.
    pub recurrence_info: Option<Value>,
    pub custom: Option<CustomFieldsDraft>,
}

impl From<MyLineItemDraft> for LineItemDraft {
    fn from(mine: MyLineItemDraft) -> Self {
        Self {
            key: mine.key,
            product_id: mine.product_id,
            variant_id: mine.variant_id,
            sku: mine.sku,
            quantity: mine.quantity,
            added_at: mine.added_at,
            distribution_channel: mine.distribution_channel,
            supply_channel: mine.supply_channel,
            shipping_details: mine.shipping_details,
            recurrence_info: mine.recurrence_info,
            custom: mine.custom,
            ..Self::default()
        }
    }
}
