//! What a back end may do to a cart.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    address::AddressDraft,
    cart::{
        CustomLineItemDraft, CustomLineItemPriceMode, CustomShippingDraft,
        ExternalLineItemTotalPrice, FreezeStrategy, InventoryMode, ItemShippingTarget,
        LineItemDraft, ShippingRateInput,
        draft_parts::{
            ExternalTaxAmountDraft, FieldContainer, ItemShippingDetailsDraft, TaxPortionDraft,
        },
    },
    money::{Money, RoundingMode},
    reference::ResourceIdentifier,
    tax::{ExternalTaxRateDraft, TaxCalculationMode, TaxMode},
};

/// An update action of the cart API.
///
/// Items are addressed by id or key, exactly one. Optional members remove what they would set.
///
/// Source: <https://docs.commercetools.com/api/projects/carts#update-actions>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CartAction {
    /// Adds units of a variant, to an equal line or as a new one.
    AddLineItem(Box<LineItemDraft>),
    /// Removes a line or some of its units.
    RemoveLineItem {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: Option<i64>,
        external_price: Option<Money>,
        external_total_price: Option<ExternalLineItemTotalPrice>,
        shipping_details_to_remove: Option<ItemShippingDetailsDraft>,
    },
    /// Sets the quantity of a line; 0 removes it.
    ChangeLineItemQuantity {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: i64,
        external_price: Option<Money>,
        external_total_price: Option<ExternalLineItemTotalPrice>,
    },
    /// Orders the lines by a permutation of their ids.
    ChangeLineItemsOrder { line_item_order: Vec<String> },
    /// Gives a line another custom type with all its fields.
    SetLineItemCustomType {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    /// Sets one custom field of a line.
    SetLineItemCustomField {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    /// Sets the unit price of a line.
    SetLineItemPrice {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        external_price: Option<Money>,
    },
    /// Sets unit price and total of a line.
    SetLineItemTotalPrice {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        external_total_price: Option<ExternalLineItemTotalPrice>,
    },
    /// Sets where the stock of a line is taken from.
    SetLineItemSupplyChannel {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        supply_channel: Option<ResourceIdentifier>,
    },
    /// Sets where a line is sold, which may change its price.
    SetLineItemDistributionChannel {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        distribution_channel: Option<ResourceIdentifier>,
    },
    /// Sets what an order does to the stock of a line.
    SetLineItemInventoryMode {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        inventory_mode: Option<InventoryMode>,
    },
    /// Sets which units of a line go where.
    SetLineItemShippingDetails {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        shipping_details: Option<ItemShippingDetailsDraft>,
    },
    /// Adds to or takes from the quantities of a line's targets.
    ApplyDeltaToLineItemShippingDetailsTargets {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        targets_delta: Vec<ItemShippingTarget>,
    },
    /// Sets the external tax rate of a line.
    SetLineItemTaxRate {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        external_tax_rate: Option<ExternalTaxRateDraft>,
        shipping_key: Option<String>,
    },
    /// Sets the external tax amount of a line.
    SetLineItemTaxAmount {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        external_tax_amount: Option<ExternalTaxAmountDraft>,
        shipping_key: Option<String>,
    },
    /// Adds units of something without a product.
    AddCustomLineItem(Box<CustomLineItemDraft>),
    /// Removes a custom line.
    RemoveCustomLineItem {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
    },
    /// Sets the quantity of a custom line; 0 removes it.
    ChangeCustomLineItemQuantity {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        quantity: i64,
    },
    /// Sets the unit price of a custom line.
    ChangeCustomLineItemMoney {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        money: Money,
    },
    /// Sets whether discounts reach a custom line.
    ChangeCustomLineItemPriceMode {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        mode: CustomLineItemPriceMode,
    },
    /// Gives a custom line another custom type with all its fields.
    SetCustomLineItemCustomType {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    /// Sets one custom field of a custom line.
    SetCustomLineItemCustomField {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    /// Sets which units of a custom line go where.
    SetCustomLineItemShippingDetails {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        shipping_details: Option<ItemShippingDetailsDraft>,
    },
    /// Adds to or takes from the quantities of a custom line's targets.
    ApplyDeltaToCustomLineItemShippingDetailsTargets {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        targets_delta: Vec<ItemShippingTarget>,
    },
    /// Sets the external tax rate of a custom line.
    SetCustomLineItemTaxRate {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        external_tax_rate: Option<ExternalTaxRateDraft>,
        shipping_key: Option<String>,
    },
    /// Sets the external tax amount of a custom line.
    SetCustomLineItemTaxAmount {
        custom_line_item_id: Option<String>,
        custom_line_item_key: Option<String>,
        external_tax_amount: Option<ExternalTaxAmountDraft>,
        shipping_key: Option<String>,
    },
    /// Sets where the goods go.
    SetShippingAddress { address: Option<Box<AddressDraft>> },
    /// Gives the shipping address another custom type with all its fields.
    SetShippingAddressCustomType {
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    /// Sets one custom field of the shipping address.
    SetShippingAddressCustomField { name: String, value: Option<Value> },
    /// Sets where the invoice goes.
    SetBillingAddress { address: Option<Box<AddressDraft>> },
    /// Gives the billing address another custom type with all its fields.
    SetBillingAddressCustomType {
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    /// Sets one custom field of the billing address.
    SetBillingAddressCustomField { name: String, value: Option<Value> },
    /// Adds an address that lines can be shipped to.
    AddItemShippingAddress { address: Box<AddressDraft> },
    /// Replaces the item shipping address with the same key.
    UpdateItemShippingAddress { address: Box<AddressDraft> },
    /// Removes an item shipping address that no line is shipped to.
    RemoveItemShippingAddress { address_key: String },
    /// Gives an item shipping address another custom type with all its fields.
    SetItemShippingAddressCustomType {
        address_key: String,
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    /// Sets one custom field of an item shipping address.
    SetItemShippingAddressCustomField {
        address_key: String,
        name: String,
        value: Option<Value>,
    },
    /// Chooses a shipping method.
    SetShippingMethod {
        shipping_method: Option<ResourceIdentifier>,
        external_tax_rate: Option<ExternalTaxRateDraft>,
    },
    /// Chooses a shipping method that the client defines.
    SetCustomShippingMethod(Box<CustomShippingDraft>),
    /// Gives the shipping method another custom type with all its fields.
    SetShippingCustomType {
        shipping_key: Option<String>,
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    /// Sets one custom field of the shipping method.
    SetShippingCustomField {
        shipping_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    /// Sets what chooses the tier of the shipping rate.
    SetShippingRateInput {
        shipping_rate_input: Option<ShippingRateInput>,
    },
    /// Sets the external tax rate of shipping.
    SetShippingMethodTaxRate {
        shipping_key: Option<String>,
        external_tax_rate: Option<ExternalTaxRateDraft>,
    },
    /// Sets the external tax amount of shipping.
    SetShippingMethodTaxAmount {
        shipping_key: Option<String>,
        external_tax_amount: Option<ExternalTaxAmountDraft>,
    },
    /// Sets the external total of a cart whose tax amounts are external.
    SetCartTotalTax {
        external_total_gross: Money,
        external_tax_portions: Option<Vec<TaxPortionDraft>>,
    },
    /// Sets where tax rates come from.
    ChangeTaxMode { tax_mode: TaxMode },
    /// Sets how taxed amounts are rounded.
    ChangeTaxRoundingMode { tax_rounding_mode: RoundingMode },
    /// Sets how prices finer than the minor unit are rounded.
    ChangePriceRoundingMode { price_rounding_mode: RoundingMode },
    /// Sets whether tax is computed on the line or on the unit.
    ChangeTaxCalculationMode {
        tax_calculation_mode: TaxCalculationMode,
    },
    /// Sets the country that prices are for.
    SetCountry { country: Option<String> },
    /// Sets the language.
    SetLocale { locale: Option<String> },
    /// Sets the shopper's e-mail address.
    SetCustomerEmail { email: Option<String> },
    /// Gives the cart to a customer.
    SetCustomerId { customer_id: Option<String> },
    /// Gives the cart to an anonymous session.
    SetAnonymousId { anonymous_id: Option<String> },
    /// Sets the group of a cart without customer.
    SetCustomerGroup {
        customer_group: Option<ResourceIdentifier>,
    },
    /// Sets the key.
    SetKey { key: Option<String> },
    /// Gives the cart another custom type with all its fields.
    SetCustomType {
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    /// Sets one custom field of the cart.
    SetCustomField { name: String, value: Option<Value> },
    /// Adds a payment.
    AddPayment { payment: ResourceIdentifier },
    /// Removes a payment.
    RemovePayment { payment: ResourceIdentifier },
    /// Adds every line of a shopping list.
    AddShoppingList {
        shopping_list: ResourceIdentifier,
        distribution_channel: Option<ResourceIdentifier>,
        supply_channel: Option<ResourceIdentifier>,
    },
    /// Brings prices and taxes up to date, and with `updateProductData` the products' data.
    Recalculate {
        #[serde(default)]
        update_product_data: bool,
    },
    /// Keeps prices and lines as they are.
    FreezeCart { strategy: Option<FreezeStrategy> },
    /// Opens a frozen cart and brings it up to date.
    UnfreezeCart {},
    /// Sets after how many days without change the cart vanishes.
    SetDeleteDaysAfterLastModification {
        delete_days_after_last_modification: Option<i64>,
    },
    /// Sets the buyer's own number of the purchase.
    SetPurchaseOrderNumber {
        purchase_order_number: Option<String>,
    },
}
