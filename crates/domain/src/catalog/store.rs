//! Stores: a shop of its own inside the project.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    catalog::{
        channel::{ChannelRole, channel_with_role},
        shape::{check_count, check_country, check_key, check_localized, without_repetitions},
    },
    context::{Author, Context},
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    message::Message,
    reference::{Reference, ResourceIdentifier},
    resource::{Resource, unborn},
    timestamp::Timestamp,
};

mod action;
pub(crate) mod binding;

pub use action::StoreAction;

/// Most channels of one role.
pub const MAX_CHANNELS: usize = 100;

/// A shop with its languages, countries and channels.
///
/// Source: <https://docs.commercetools.com/api/projects/stores>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Store {
    pub id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// Never changes.
    pub key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<LocalizedString>,
    /// Among the project's languages.
    pub languages: Vec<String>,
    /// Where it sells to; everywhere if empty.
    pub countries: Vec<StoreCountry>,
    /// Channels with the role `ProductDistribution`.
    pub distribution_channels: Vec<Reference>,
    /// Channels with the role `InventorySupply`.
    pub supply_channels: Vec<Reference>,
    /// Always empty: there are no product selections.
    pub product_selections: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storefront: Option<Storefront>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

crate::envelope!(Store, required_key);

/// A country a store sells to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreCountry {
    /// ISO 3166-1 alpha-2.
    pub code: String,
}

/// Addresses of a store's web pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storefront {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_url_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_url_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms_of_service_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privacy_policy_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_policy_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_policy_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie_policy_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imprint_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faq_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_url: Option<String>,
}

/// What a client sends to create a store.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreDraft {
    pub key: String,
    pub name: Option<LocalizedString>,
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub countries: Vec<StoreCountry>,
    #[serde(default)]
    pub distribution_channels: Vec<ResourceIdentifier>,
    #[serde(default)]
    pub supply_channels: Vec<ResourceIdentifier>,
    #[serde(default)]
    pub product_selections: Vec<Value>,
    pub storefront: Option<Storefront>,
    pub custom: Option<CustomFieldsDraft>,
}

impl Store {
    /// Whether it sells to a country: it does everywhere if it names none.
    #[must_use]
    pub fn sells_to(&self, country: &str) -> bool {
        self.countries.is_empty() || self.countries.iter().any(|one| one.code == country)
    }

    fn created(&self) -> Result<Message, DomainError> {
        Message::new("StoreCreated")
            .with_document("name", &self.name)?
            .with_document("languages", &self.languages)?
            .with_document("countries", &self.countries)?
            .with_document("distributionChannels", &self.distribution_channels)?
            .with_document("supplyChannels", &self.supply_channels)?
            .with_document("productSelections", &self.product_selections)?
            .with_document("custom", &self.custom)
    }

    fn set_page(&mut self, url: Option<String>, page: fn(&mut Storefront) -> &mut Option<String>) {
        let mut storefront = self.storefront.take().unwrap_or_default();
        *page(&mut storefront) = url;
        self.storefront = (storefront != Storefront::default()).then_some(storefront);
    }
}

fn checked_languages(
    languages: Vec<String>,
    context: &Context<'_>,
) -> Result<Vec<String>, DomainError> {
    let unknown: Vec<String> = languages
        .iter()
        .filter(|language| !context.project.languages.contains(language))
        .cloned()
        .collect();
    if unknown.is_empty() {
        Ok(without_repetitions(languages))
    } else {
        Err(DomainError::ProjectNotConfiguredForLanguages { languages: unknown })
    }
}

fn checked_countries(countries: Vec<StoreCountry>) -> Result<Vec<StoreCountry>, DomainError> {
    countries
        .iter()
        .try_for_each(|country| check_country("countries.code", &country.code))?;
    Ok(without_repetitions(countries))
}

fn channels(
    identifiers: &[ResourceIdentifier],
    role: ChannelRole,
    context: &mut Context<'_>,
) -> Result<Vec<Reference>, DomainError> {
    let mut references = Vec::with_capacity(identifiers.len());
    for identifier in identifiers {
        add_channel(&mut references, identifier, role, context)?;
    }
    Ok(references)
}

fn add_channel(
    channels: &mut Vec<Reference>,
    identifier: &ResourceIdentifier,
    role: ChannelRole,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let reference = channel_with_role(identifier, role, context)?;
    if !channels.contains(&reference) {
        channels.push(reference);
    }
    check_count("channels of a store", channels.len(), MAX_CHANNELS)
}

fn remove_channel(
    channels: &mut Vec<Reference>,
    identifier: &ResourceIdentifier,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let reference = context.world.reference(Kind::Channel, identifier)?;
    channels.retain(|channel| *channel != reference);
    Ok(())
}

fn refuse_selections(selections: &[Value]) -> Result<(), DomainError> {
    if selections.is_empty() {
        Ok(())
    } else {
        Err(DomainError::operation(
            "Product selections are not supported: `productSelections` must be empty.",
        ))
    }
}

fn checked_name(name: Option<LocalizedString>) -> Result<Option<LocalizedString>, DomainError> {
    name.as_ref()
        .map_or(Ok(()), |name| check_localized("name", name))?;
    Ok(name)
}

impl Resource for Store {
    const KIND: Kind = Kind::Store;
    type Draft = StoreDraft;
    type Action = StoreAction;

    fn create(draft: StoreDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_key("key", &draft.key)?;
        refuse_selections(&draft.product_selections)?;
        let store = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: checked_name(draft.name)?,
            languages: checked_languages(draft.languages, context)?,
            countries: checked_countries(draft.countries)?,
            distribution_channels: channels(
                &draft.distribution_channels,
                ChannelRole::ProductDistribution,
                context,
            )?,
            supply_channels: channels(
                &draft.supply_channels,
                ChannelRole::InventorySupply,
                context,
            )?,
            product_selections: Vec::new(),
            storefront: draft
                .storefront
                .filter(|storefront| *storefront != Storefront::default()),
            custom: draft
                .custom
                .map(|custom| custom.resolve("store", context))
                .transpose()?,
        };
        context.emit(store.created()?);
        Ok(store)
    }

    fn check_delete(&self, context: &mut Context<'_>) -> Result<(), DomainError> {
        context.emit(Message::new("StoreDeleted"));
        Ok(())
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm per action; the compiler lists the missing ones"
    )]
    fn apply(&mut self, action: StoreAction, context: &mut Context<'_>) -> Result<(), DomainError> {
        use ChannelRole::{InventorySupply, ProductDistribution};
        use StoreAction as A;
        match action {
            A::SetName { name } => self.name = checked_name(name)?,
            A::SetLanguages { languages } => {
                self.languages = checked_languages(languages, context)?
            }
            A::SetCountries { countries } => self.countries = checked_countries(countries)?,
            A::AddCountry { country } => {
                check_country("country.code", &country.code)?;
                if !self.countries.contains(&country) {
                    self.countries.push(country);
                }
            }
            A::RemoveCountry { country } => self.countries.retain(|one| *one != country),
            A::SetDistributionChannels {
                distribution_channels: named,
            } => self.distribution_channels = channels(&named, ProductDistribution, context)?,
            A::AddDistributionChannel {
                distribution_channel: named,
            } => {
                let list = &mut self.distribution_channels;
                add_channel(list, &named, ProductDistribution, context)?;
            }
            A::RemoveDistributionChannel {
                distribution_channel: named,
            } => remove_channel(&mut self.distribution_channels, &named, context)?,
            A::SetSupplyChannels {
                supply_channels: named,
            } => self.supply_channels = channels(&named, InventorySupply, context)?,
            A::AddSupplyChannel {
                supply_channel: named,
            } => add_channel(&mut self.supply_channels, &named, InventorySupply, context)?,
            A::RemoveSupplyChannel {
                supply_channel: named,
            } => remove_channel(&mut self.supply_channels, &named, context)?,
            A::SetProductSelections { product_selections } => {
                refuse_selections(&product_selections)?;
            }
            A::SetCheckoutUrlTemplate {
                checkout_url_template: url,
            } => self.set_page(url, |pages| &mut pages.checkout_url_template),
            A::SetOrderUrlTemplate {
                order_url_template: url,
            } => self.set_page(url, |pages| &mut pages.order_url_template),
            A::SetTermsOfServiceUrl {
                terms_of_service_url: url,
            } => self.set_page(url, |pages| &mut pages.terms_of_service_url),
            A::SetPrivacyPolicyUrl {
                privacy_policy_url: url,
            } => self.set_page(url, |pages| &mut pages.privacy_policy_url),
            A::SetRefundPolicyUrl {
                refund_policy_url: url,
            } => self.set_page(url, |pages| &mut pages.refund_policy_url),
            A::SetShippingPolicyUrl {
                shipping_policy_url: url,
            } => self.set_page(url, |pages| &mut pages.shipping_policy_url),
            A::SetCookiePolicyUrl {
                cookie_policy_url: url,
            } => self.set_page(url, |pages| &mut pages.cookie_policy_url),
            A::SetImprintUrl { imprint_url: url } => {
                self.set_page(url, |pages| &mut pages.imprint_url);
            }
            A::SetFaqUrl { faq_url: url } => self.set_page(url, |pages| &mut pages.faq_url),
            A::SetContactUrl { contact_url: url } => {
                self.set_page(url, |pages| &mut pages.contact_url);
            }
            A::SetCustomType {
                type_identifier,
                fields,
            } => {
                custom_fields::set_type(
                    &mut self.custom,
                    type_identifier,
                    fields,
                    "store",
                    context,
                )?;
            }
            A::SetCustomField { name, value } => {
                custom_fields::set_field(&mut self.custom, &name, value, context)?;
            }
        }
        Ok(())
    }
}
