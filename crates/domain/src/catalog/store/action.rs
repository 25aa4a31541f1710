//! What a client may do to a store.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    catalog::store::StoreCountry, localized::LocalizedString, reference::ResourceIdentifier,
};

/// What a client may do to a store.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum StoreAction {
    SetName {
        name: Option<LocalizedString>,
    },
    SetLanguages {
        #[serde(default)]
        languages: Vec<String>,
    },
    SetCountries {
        #[serde(default)]
        countries: Vec<StoreCountry>,
    },
    AddCountry {
        country: StoreCountry,
    },
    RemoveCountry {
        country: StoreCountry,
    },
    SetDistributionChannels {
        #[serde(default)]
        distribution_channels: Vec<ResourceIdentifier>,
    },
    AddDistributionChannel {
        distribution_channel: ResourceIdentifier,
    },
    RemoveDistributionChannel {
        distribution_channel: ResourceIdentifier,
    },
    SetSupplyChannels {
        #[serde(default)]
        supply_channels: Vec<ResourceIdentifier>,
    },
    AddSupplyChannel {
        supply_channel: ResourceIdentifier,
    },
    RemoveSupplyChannel {
        supply_channel: ResourceIdentifier,
    },
    SetProductSelections {
        #[serde(default)]
        product_selections: Vec<Value>,
    },
    SetCheckoutUrlTemplate {
        checkout_url_template: Option<String>,
    },
    SetOrderUrlTemplate {
        order_url_template: Option<String>,
    },
    SetTermsOfServiceUrl {
        terms_of_service_url: Option<String>,
    },
    SetPrivacyPolicyUrl {
        privacy_policy_url: Option<String>,
    },
    SetRefundPolicyUrl {
        refund_policy_url: Option<String>,
    },
    SetShippingPolicyUrl {
        shipping_policy_url: Option<String>,
    },
    SetCookiePolicyUrl {
        cookie_policy_url: Option<String>,
    },
    SetImprintUrl {
        imprint_url: Option<String>,
    },
    SetFaqUrl {
        faq_url: Option<String>,
    },
    SetContactUrl {
        contact_url: Option<String>,
    },
    SetCustomType {
        #[serde(rename = "type")]
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetCustomField {
        name: String,
        value: Option<Value>,
    },
}
