//! What a shopper may do to a cart of their own.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    address::AddressDraft,
    cart::{
        CartAction, ItemShippingTarget,
        draft_parts::{FieldContainer, ItemShippingDetailsDraft},
        my_draft::MyLineItemDraft,
    },
    reference::ResourceIdentifier,
    tax::TaxMode,
};

/// An update action of the `/me/carts` API. Members that only a back end may send do not exist here.
///
/// Source: <https://docs.commercetools.com/api/projects/me-carts#update-actions>.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MyCartAction {
    AddLineItem(Box<MyLineItemDraft>),
    RemoveLineItem {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: Option<i64>,
        shipping_details_to_remove: Option<ItemShippingDetailsDraft>,
    },
    ChangeLineItemQuantity {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        quantity: i64,
    },
    ChangeLineItemsOrder {
        line_item_order: Vec<String>,
    },
    SetLineItemCustomType {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    SetLineItemCustomField {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
    SetLineItemSupplyChannel {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        supply_channel: Option<ResourceIdentifier>,
    },
    SetLineItemDistributionChannel {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        distribution_channel: Option<ResourceIdentifier>,
    },
    SetLineItemShippingDetails {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        shipping_details: Option<ItemShippingDetailsDraft>,
    },
    ApplyDeltaToLineItemShippingDetailsTargets {
        line_item_id: Option<String>,
        line_item_key: Option<String>,
        targets_delta: Vec<ItemShippingTarget>,
    },
    SetShippingAddress {
        address: Option<Box<AddressDraft>>,
    },
    SetBillingAddress {
        address: Option<Box<AddressDraft>>,
    },
    AddItemShippingAddress {
        address: Box<AddressDraft>,
    },
    UpdateItemShippingAddress {
        address: Box<AddressDraft>,
    },
    RemoveItemShippingAddress {
        address_key: String,
    },
    SetShippingMethod {
        shipping_method: Option<ResourceIdentifier>,
    },
    ChangeTaxMode {
        tax_mode: TaxMode,
    },
    SetCountry {
        country: Option<String>,
    },
    SetLocale {
        locale: Option<String>,
    },
    SetCustomerEmail {
        email: Option<String>,
    },
    SetCustomType {
        #[serde(rename = "type")]
        custom_type: Option<ResourceIdentifier>,
        fields: Option<FieldContainer>,
    },
    SetCustomField {
        name: String,
        value: Option<Value>,
    },
    AddPayment {
        payment: ResourceIdentifier,
    },
    RemovePayment {
        payment: ResourceIdentifier,
    },
    Recalculate {
        #[serde(default)]
        update_product_data: bool,
    },
    SetDeleteDaysAfterLastModification {
        delete_days_after_last_modification: Option<i64>,
    },
}

/// Translates an action: under the same name with the same members, or as written after `other`.
macro_rules! translate {
    ($action:expr; same { $($variant:ident { $($field:ident),* })* } other { $($pattern:pat => $result:expr,)* }) => {
        match $action {
            $(MyCartAction::$variant { $($field),* } => CartAction::$variant { $($field),* },)*
            $($pattern => $result,)*
        }
    };
}

impl From<MyCartAction> for CartAction {
    fn from(action: MyCartAction) -> Self {
        translate! { action;
            same {
                ChangeLineItemsOrder { line_item_order }
                SetLineItemCustomType { line_item_id, line_item_key, custom_type, fields }
                SetLineItemCustomField { line_item_id, line_item_key, name, value }
                SetLineItemSupplyChannel { line_item_id, line_item_key, supply_channel }
                SetLineItemDistributionChannel { line_item_id, line_item_key, distribution_channel }
                SetLineItemShippingDetails { line_item_id, line_item_key, shipping_details }
                ApplyDeltaToLineItemShippingDetailsTargets { line_item_id, line_item_key, targets_delta }
                SetShippingAddress { address }
                SetBillingAddress { address }
                AddItemShippingAddress { address }
                UpdateItemShippingAddress { address }
                RemoveItemShippingAddress { address_key }
                ChangeTaxMode { tax_mode }
                SetCountry { country }
                SetLocale { locale }
                SetCustomerEmail { email }
                SetCustomType { custom_type, fields }
                SetCustomField { name, value }
                AddPayment { payment }
                RemovePayment { payment }
                Recalculate { update_product_data }
                SetDeleteDaysAfterLastModification { delete_days_after_last_modification }
            }
            other {
                MyCartAction::AddLineItem(draft) => Self::AddLineItem(Box::new((*draft).into())),
                MyCartAction::RemoveLineItem {
                    line_item_id, line_item_key, quantity, shipping_details_to_remove,
                } => Self::RemoveLineItem {
                    line_item_id,
                    line_item_key,
                    quantity,
                    external_price: None,
                    external_total_price: None,
                    shipping_details_to_remove,
                },
                MyCartAction::ChangeLineItemQuantity { line_item_id, line_item_key, quantity } =>
                    Self::ChangeLineItemQuantity {
                        line_item_id,
                        line_item_key,
                        quantity,
                        external_price: None,
                        external_total_price: None,
                    },
                MyCartAction::SetShippingMethod { shipping_method } =>
                    Self::SetShippingMethod { shipping_method, external_tax_rate: None },
            }
        }
    }
}
