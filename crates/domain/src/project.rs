//! Settings of a project.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::{
        shape::{check_country, check_locale, check_text, without_repetitions},
        store::Store,
    },
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    money::{Currency, RoundingMode},
    resource::{Envelope, Resource},
    timestamp::Timestamp,
};

mod configuration;

pub use configuration::{
    CartsConfiguration, DiscountCombinationMode, DiscountsConfiguration, EXPIRY_DAYS,
    ExternalOAuth, InventoryConfiguration, MESSAGE_DAYS, MessagesConfiguration,
    ProductCatalogModel, ProductSearchMode, RESERVATION_MINUTES, SearchIndex, SearchIndexing,
    SearchStatus, ShippingRateInputType, ShippingRateTierType, ShoppingListsConfiguration,
};
use configuration::{
    checked_carts, checked_input_type, checked_messages, checked_minutes, checked_model,
    checked_shopping_lists,
};

/// A project; the resource has no `id`, its `key` identifies it.
///
/// Source: <https://docs.commercetools.com/api/projects/project>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub key: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    pub name: String,
    /// Countries it sells to, ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// At least one.
    pub currencies: Vec<Currency>,
    /// At least one locale.
    pub languages: Vec<String>,
    pub messages: MessagesConfiguration,
    pub carts: CartsConfiguration,
    pub shopping_lists: ShoppingListsConfiguration,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_rate_input_type: Option<ShippingRateInputType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_o_auth: Option<ExternalOAuth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_indexing: Option<SearchIndexing>,
    pub inventory: InventoryConfiguration,
    pub discounts: DiscountsConfiguration,
    pub product_catalog_model: ProductCatalogModel,
}

/// What an operator gives to create a project.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectDraft {
    pub key: String,
    pub name: String,
    pub currencies: Vec<Currency>,
    pub countries: Vec<String>,
    pub languages: Vec<String>,
}

/// What a client may do to a project.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ProjectAction {
    ChangeName {
        name: String,
    },
    ChangeCurrencies {
        currencies: Vec<Currency>,
    },
    ChangeCountries {
        countries: Vec<String>,
    },
    ChangeLanguages {
        languages: Vec<String>,
    },
    ChangeMessagesConfiguration {
        messages_configuration: MessagesConfiguration,
    },
    ChangeMessagesEnabled {
        messages_enabled: bool,
    },
    ChangeCartsConfiguration {
        carts_configuration: CartsConfiguration,
    },
    ChangeCountryTaxRateFallbackEnabled {
        country_tax_rate_fallback_enabled: bool,
    },
    ChangePriceRoundingMode {
        price_rounding_mode: RoundingMode,
    },
    ChangeTaxRoundingMode {
        tax_rounding_mode: RoundingMode,
    },
    ChangeShoppingListsConfiguration {
        shopping_lists_configuration: ShoppingListsConfiguration,
    },
    SetShippingRateInputType {
        shipping_rate_input_type: Option<ShippingRateInputType>,
    },
    SetExternalOAuth {
        external_o_auth: Option<ExternalOAuth>,
    },
    ChangeProductSearchIndexingEnabled {
        enabled: bool,
        #[serde(default)]
        mode: ProductSearchMode,
    },
    ChangeOrderSearchStatus {
        status: SearchStatus,
    },
    ChangeCustomerSearchStatus {
        status: SearchStatus,
    },
    SetDiscountsConfiguration {
        discounts_configuration: DiscountsConfiguration,
    },
    SetProductCatalogModel {
        product_catalog_model: ProductCatalogModel,
    },
    SetReservationExpirationInMinutes {
        reservation_expiration_in_minutes: i64,
    },
    SetReleaseExpiredReservations {
        release_expired_reservations: bool,
    },
}

impl Project {
    /// A project with default settings, created at `now`.
    #[must_use]
    pub fn new(
        key: impl Into<String>,
        name: impl Into<String>,
        currencies: Vec<Currency>,
        countries: Vec<String>,
        languages: Vec<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            key: key.into(),
            version: 1,
            created_at: now,
            last_modified_at: now,
            created_by: None,
            last_modified_by: None,
            name: name.into(),
            countries,
            currencies,
            languages,
            messages: MessagesConfiguration::default(),
            carts: CartsConfiguration::default(),
            shopping_lists: ShoppingListsConfiguration::default(),
            shipping_rate_input_type: None,
            external_o_auth: None,
            search_indexing: None,
            inventory: InventoryConfiguration::default(),
            discounts: DiscountsConfiguration::default(),
            product_catalog_model: ProductCatalogModel::Classic,
        }
    }

    fn change_languages(
        &mut self,
        languages: Vec<String>,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let languages = checked_languages(languages)?;
        let removed: Vec<String> = self
            .languages
            .iter()
            .filter(|language| !languages.contains(language))
            .cloned()
            .collect();
        if !removed.is_empty() {
            let stores = context.world.all::<Store>()?;
            let used: Vec<String> = removed
                .into_iter()
                .filter(|language| {
                    stores
                        .iter()
                        .any(|store| store.languages.contains(language))
                })
                .collect();
            if !used.is_empty() {
                return Err(DomainError::LanguageUsedInStores { languages: used });
            }
        }
        self.languages = languages;
        Ok(())
    }

    fn change_search(
        &mut self,
        status: SearchStatus,
        context: &Context<'_>,
        index: fn(&mut SearchIndexing) -> &mut Option<SearchIndex>,
    ) {
        let slot = index(self.search_indexing.get_or_insert_default());
        if slot.as_ref().is_some_and(|kept| kept.status == status) {
            return;
        }
        *slot = Some(SearchIndex {
            status,
            last_modified_at: Some(context.now),
            last_modified_by: Some(context.author.clone()),
        });
    }
}

fn checked_currencies(currencies: Vec<Currency>) -> Result<Vec<Currency>, DomainError> {
    if currencies.is_empty() {
        return Err(DomainError::required("currencies"));
    }
    Ok(without_repetitions(currencies))
}

fn checked_countries(countries: Vec<String>) -> Result<Vec<String>, DomainError> {
    countries
        .iter()
        .try_for_each(|country| check_country("countries", country))?;
    Ok(without_repetitions(countries))
}

fn checked_languages(languages: Vec<String>) -> Result<Vec<String>, DomainError> {
    if languages.is_empty() {
        return Err(DomainError::required("languages"));
    }
    languages
        .iter()
        .try_for_each(|language| check_locale("languages", language))?;
    Ok(without_repetitions(languages))
}

fn checked_name(name: String) -> Result<String, DomainError> {
    check_text("name", &name)?;
    Ok(name)
}

impl Resource for Project {
    const KIND: Kind = Kind::Project;
    type Draft = ProjectDraft;
    type Action = ProjectAction;

    fn create(draft: ProjectDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_text("name", &draft.name)?;
        Ok(Self::new(
            draft.key,
            draft.name,
            checked_currencies(draft.currencies)?,
            checked_countries(draft.countries)?,
            checked_languages(draft.languages)?,
            context.now,
        ))
    }

    fn apply(
        &mut self,
        action: ProjectAction,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use ProjectAction as A;
        match action {
            A::ChangeName { name } => self.name = checked_name(name)?,
            A::ChangeCurrencies { currencies } => self.currencies = checked_currencies(currencies)?,
            A::ChangeCountries { countries } => self.countries = checked_countries(countries)?,
            A::ChangeLanguages { languages } => self.change_languages(languages, context)?,
            A::ChangeMessagesConfiguration {
                messages_configuration: configuration,
            } => self.messages = checked_messages(configuration)?,
            A::ChangeMessagesEnabled { messages_enabled } => {
                self.messages.enabled = messages_enabled;
            }
            A::ChangeCartsConfiguration {
                carts_configuration: configuration,
            } => self.carts = checked_carts(configuration)?,
            A::ChangeCountryTaxRateFallbackEnabled {
                country_tax_rate_fallback_enabled: enabled,
            } => self.carts.country_tax_rate_fallback_enabled = enabled,
            A::ChangePriceRoundingMode {
                price_rounding_mode: mode,
            } => self.carts.price_rounding_mode = mode,
            A::ChangeTaxRoundingMode {
                tax_rounding_mode: mode,
            } => self.carts.tax_rounding_mode = mode,
            A::ChangeShoppingListsConfiguration {
                shopping_lists_configuration: configuration,
            } => self.shopping_lists = checked_shopping_lists(configuration)?,
            A::SetShippingRateInputType {
                shipping_rate_input_type: input,
            } => self.shipping_rate_input_type = checked_input_type(input)?,
            A::SetExternalOAuth { external_o_auth } => self.external_o_auth = external_o_auth,
            A::ChangeProductSearchIndexingEnabled { enabled, mode } => {
                self.change_search(SearchStatus::of(enabled), context, mode.index());
            }
            A::ChangeOrderSearchStatus { status } => {
                self.change_search(status, context, |indexing| &mut indexing.orders);
            }
            A::ChangeCustomerSearchStatus { status } => {
                self.change_search(status, context, |indexing| &mut indexing.customers);
            }
            A::SetDiscountsConfiguration {
                discounts_configuration,
            } => self.discounts = discounts_configuration,
            A::SetProductCatalogModel {
                product_catalog_model: model,
            } => self.product_catalog_model = checked_model(model)?,
            A::SetReservationExpirationInMinutes {
                reservation_expiration_in_minutes: minutes,
            } => {
                self.inventory.reservation_expiration_in_minutes = Some(checked_minutes(minutes)?);
            }
            A::SetReleaseExpiredReservations {
                release_expired_reservations: release,
            } => self.inventory.release_expired_reservations = release,
        }
        Ok(())
    }
}

impl Envelope for Project {
    fn id(&self) -> &str {
        &self.key
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn last_modified_at(&self) -> Timestamp {
        self.last_modified_at
    }

    fn key(&self) -> Option<&str> {
        None
    }

    // The key of the draft is the identity; a generated id has no place in the document.
    fn born(&mut self, _id: String, author: &Author, now: Timestamp) {
        self.version = 1;
        self.created_at = now;
        self.last_modified_at = now;
        self.created_by = Some(author.clone());
        self.last_modified_by = Some(author.clone());
    }

    fn touched(&mut self, author: &Author, now: Timestamp) {
        self.version = self.version.saturating_add(1);
        self.last_modified_at = now;
        self.last_modified_by = Some(author.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Project, ProjectAction};
    use crate::{money::Currency, resource::decode_actions, timestamp::Timestamp};

    fn project() -> Project {
        Project::new(
            "demo",
            "Demo",
            vec![Currency::parse("EUR").unwrap()],
            vec!["DE".to_owned()],
            vec!["de".to_owned()],
            Timestamp::from_millis(0),
        )
    }

    #[test]
    fn a_new_project_has_the_documented_defaults_and_no_id() {
        assert_eq!(
            serde_json::to_value(project()).unwrap(),
            json!({
                "key": "demo", "version": 1,
                "createdAt": "1970-01-01T00:00:00.000Z", "lastModifiedAt": "1970-01-01T00:00:00.000Z",
                "name": "Demo", "countries": ["DE"], "currencies": ["EUR"], "languages": ["de"],
                "messages": { "enabled": true, "deleteDaysAfterCreation": 15 },
                "carts": {
                    "deleteDaysAfterLastModification": 90, "countryTaxRateFallbackEnabled": false,
                    "priceRoundingMode": "HalfEven", "taxRoundingMode": "HalfEven"
                },
                "shoppingLists": { "deleteDaysAfterLastModification": 360 },
                "inventory": { "releaseExpiredReservations": true },
                "discounts": { "discountCombinationMode": "Stacking" },
                "productCatalogModel": "Classic"
            })
        );
    }

    #[test]
    fn a_project_survives_being_stored() {
        let text = serde_json::to_string(&project()).unwrap();
        assert_eq!(serde_json::from_str::<Project>(&text).unwrap(), project());
    }

    #[test]
    fn actions_are_decoded_by_their_api_names() {
        let decoded = decode_actions::<ProjectAction>(vec![
            json!({ "action": "changeCartsConfiguration", "cartsConfiguration": { "deleteDaysAfterLastModification": 7 } }),
            json!({ "action": "setExternalOAuth", "externalOAuth": { "url": "https://a", "authorizationHeader": "x y" } }),
            json!({ "action": "changeProductSearchIndexingEnabled", "enabled": true }),
        ]);
        assert_eq!(decoded.map(|actions| actions.len()).ok(), Some(3));
    }
}
