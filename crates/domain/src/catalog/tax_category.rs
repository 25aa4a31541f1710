//! Tax categories: which rate of tax is due where.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::shape::check_optional_key,
    context::{Author, Context},
    error::DomainError,
    kind::Kind,
    resource::{Resource, unborn},
    tax::{TaxRate, TaxRateDraft},
    timestamp::Timestamp,
};

/// Goods that are taxed alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxCategory {
    /// Server-made id.
    pub id: String,
    /// Starts at 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub last_modified_at: Timestamp,
    /// Who created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    /// Who changed it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    /// User-defined identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// At most one rate per country and state.
    pub rates: Vec<TaxRate>,
}

crate::envelope!(TaxCategory, optional_key);

/// What a client sends to create a tax category.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxCategoryDraft {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its rates.
    #[serde(default)]
    pub rates: Vec<TaxRateDraft>,
    /// User-defined identifier.
    pub key: Option<String>,
}

/// What a client may do to a tax category.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TaxCategoryAction {
    /// Adds a rate for a place that has none.
    AddTaxRate { tax_rate: TaxRateDraft },
    /// Renames it.
    ChangeName { name: String },
    /// Removes a rate, named by id or key.
    RemoveTaxRate {
        tax_rate_id: Option<String>,
        tax_rate_key: Option<String>,
    },
    /// Replaces a rate, named by id or key, with a new one that gets a new id.
    ReplaceTaxRate {
        tax_rate: TaxRateDraft,
        tax_rate_id: Option<String>,
        tax_rate_key: Option<String>,
    },
    /// Sets or removes the description.
    SetDescription { description: Option<String> },
    /// Sets or removes the key.
    SetKey { key: Option<String> },
}

impl Resource for TaxCategory {
    const KIND: Kind = Kind::TaxCategory;
    type Draft = TaxCategoryDraft;
    type Action = TaxCategoryAction;

    fn create(draft: Self::Draft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_optional_key("key", draft.key.as_deref())?;
        let mut category = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: draft.name,
            description: draft.description,
            rates: Vec::new(),
        };
        for rate in draft.rates {
            category.add(rate, context)?;
        }
        Ok(category)
    }

    fn apply(
        &mut self,
        action: Self::Action,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        match action {
            TaxCategoryAction::AddTaxRate { tax_rate } => self.add(tax_rate, context)?,
            TaxCategoryAction::ChangeName { name } => self.name = name,
            TaxCategoryAction::RemoveTaxRate {
                tax_rate_id,
                tax_rate_key,
            } => {
                self.remove(tax_rate_id.as_deref(), tax_rate_key.as_deref())?;
            }
            TaxCategoryAction::ReplaceTaxRate {
                tax_rate,
                tax_rate_id,
                tax_rate_key,
            } => {
                let at = self.remove(tax_rate_id.as_deref(), tax_rate_key.as_deref())?;
                self.insert(at, tax_rate, context)?;
            }
            TaxCategoryAction::SetDescription { description } => self.description = description,
            TaxCategoryAction::SetKey { key } => {
                check_optional_key("key", key.as_deref())?;
                self.key = key;
            }
        }
        Ok(())
    }
}

impl TaxCategory {
    fn add(&mut self, draft: TaxRateDraft, context: &mut Context<'_>) -> Result<(), DomainError> {
        self.insert(self.rates.len(), draft, context)
    }

    fn insert(
        &mut self,
        at: usize,
        draft: TaxRateDraft,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let rate = draft.resolve(context.ids.short())?;
        let place = |rate: &TaxRate| (rate.country.clone(), rate.state.clone());
        if self.rates.iter().any(|other| place(other) == place(&rate)) {
            let shown = match &rate.state {
                Some(state) => format!("{}, {state}", rate.country),
                None => rate.country.clone(),
            };
            return Err(DomainError::DuplicateField {
                field: "rates".to_owned(),
                value: shown.into(),
            });
        }
        let same_key = |other: &TaxRate| rate.key.is_some() && other.key == rate.key;
        if let Some(key) = self
            .rates
            .iter()
            .find(|other| same_key(other))
            .and_then(|other| other.key.clone())
        {
            return Err(DomainError::DuplicateField {
                field: "rates.key".to_owned(),
                value: key.into(),
            });
        }
        self.rates.insert(at, rate);
        Ok(())
    }

    /// Removes the rate and says where it was.
    fn remove(&mut self, id: Option<&str>, key: Option<&str>) -> Result<usize, DomainError> {
        let found = match (id, key) {
            (Some(id), None) => self
                .rates
                .iter()
                .position(|rate| rate.id.as_deref() == Some(id)),
            (None, Some(key)) => self
                .rates
                .iter()
                .position(|rate| rate.key.as_deref() == Some(key)),
            _ => {
                return Err(DomainError::input(
                    "exactly one of `taxRateId` and `taxRateKey` is needed",
                ));
            }
        };
        let at = found.ok_or_else(|| {
            let named = id.or(key).unwrap_or_default();
            DomainError::operation(format!("the tax category has no tax rate `{named}`"))
        })?;
        self.rates.remove(at);
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::TaxCategory;
    use crate::{
        error::DomainError,
        test_world::{Surroundings, shown},
    };

    fn rate(country: &str, state: Option<&str>) -> Value {
        let mut rate =
            json!({ "name": "vat", "amount": 0.19, "includedInPrice": true, "country": country });
        if let Some(state) = state {
            rate["state"] = state.into();
        }
        rate
    }

    fn category(surroundings: &mut Surroundings) -> TaxCategory {
        surroundings
            .created(json!({ "name": "std", "rates": [rate("DE", None), rate("US", Some("NY"))] }))
    }

    fn ids(category: &TaxCategory) -> Vec<&str> {
        category
            .rates
            .iter()
            .filter_map(|rate| rate.id.as_deref())
            .collect()
    }

    #[test]
    fn rates_get_ids() {
        let category = category(&mut Surroundings::new());
        assert_eq!(ids(&category), ["short001", "short002"]);
        assert_eq!(
            shown(&category)["rates"][1],
            json!({
                "id": "short002", "name": "vat", "amount": 0.19, "includedInPrice": true, "country": "US",
                "state": "NY"
            })
        );
    }

    #[test]
    fn a_place_has_one_rate() {
        let mut surroundings = Surroundings::new();
        let category = category(&mut surroundings);
        let mut add = |rate: Value| {
            surroundings.apply(
                &category,
                json!([{ "action": "addTaxRate", "taxRate": rate }]),
            )
        };
        assert!(matches!(
            add(rate("DE", None)),
            Err(DomainError::DuplicateField { value, .. }) if value == "DE"
        ));
        assert!(matches!(
            add(rate("US", Some("NY"))),
            Err(DomainError::DuplicateField { value, .. }) if value == "US, NY"
        ));
        assert!(add(rate("US", None)).is_ok());
        assert!(add(rate("US", Some("TX"))).is_ok());
    }

    #[test]
    fn a_replaced_rate_keeps_its_position_and_gets_a_new_id() {
        let mut surroundings = Surroundings::new();
        let category = category(&mut surroundings);
        let replaced = surroundings
            .apply(
                &category,
                json!([{ "action": "replaceTaxRate", "taxRateId": "short001", "taxRate": rate("DE", None) }]),
            )
            .unwrap();
        assert_eq!(ids(&replaced), ["short004", "short002"]);
    }

    #[test]
    fn the_other_actions_change_what_they_name() {
        let mut surroundings = Surroundings::new();
        let category = category(&mut surroundings);
        let mut keyed = rate("FR", None);
        keyed["key"] = "fr-rate".into();
        let changed = surroundings
            .apply(
                &category,
                json!([
                    { "action": "addTaxRate", "taxRate": keyed },
                    { "action": "removeTaxRate", "taxRateId": "short001" },
                    { "action": "removeTaxRate", "taxRateId": "short002" },
                    { "action": "removeTaxRate", "taxRateKey": "fr-rate" },
                    { "action": "changeName", "name": "New" },
                    { "action": "setDescription", "description": "d" },
                    { "action": "setKey", "key": "new-key" },
                ]),
            )
            .unwrap();
        assert_eq!(
            shown(&changed),
            json!({ "name": "New", "description": "d", "key": "new-key", "rates": [] })
        );
        let removed =
            json!([{ "action": "setDescription", "description": null }, { "action": "setKey" }]);
        let bare = surroundings.apply(&changed, removed).unwrap();
        assert_eq!(shown(&bare), json!({ "name": "New", "rates": [] }));
    }

    #[test]
    fn a_rate_that_is_not_there_cannot_be_removed() {
        let mut surroundings = Surroundings::new();
        let category = category(&mut surroundings);
        for members in [
            json!({ "taxRateId": "gone" }),
            json!({ "taxRateKey": "gone" }),
            json!({}),
            json!({ "taxRateId": "short001", "taxRateKey": "x" }),
        ] {
            let mut action = members;
            action["action"] = "removeTaxRate".into();
            assert!(
                surroundings.apply(&category, json!([action])).is_err(),
                "{action}"
            );
        }
    }
}
