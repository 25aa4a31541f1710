//! Media of products and categories.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    catalog::shape::{check_optional_key, check_required_localized},
    context::Context,
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    localized::LocalizedString,
    reference::ResourceIdentifier,
};

/// A medium with at least one source.
///
/// Source: <https://docs.commercetools.com/api/types#asset>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    pub id: String,
    /// Unique within the list of assets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub sources: Vec<AssetSource>,
    pub name: LocalizedString,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

/// One rendition of a medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetSource {
    pub uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<AssetDimensions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetDimensions {
    pub w: i64,
    pub h: i64,
}

/// What a client sends for an asset.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetDraft {
    pub key: Option<String>,
    pub sources: Vec<AssetSource>,
    pub name: LocalizedString,
    pub description: Option<LocalizedString>,
    #[serde(default)]
    pub tags: Vec<String>,
    pub custom: Option<CustomFieldsDraft>,
}

impl AssetDraft {
    /// The asset with a new id.
    ///
    /// # Errors
    /// No source, no name, or custom fields that do not fit.
    pub fn resolve(self, context: &mut Context<'_>) -> Result<Asset, DomainError> {
        check_optional_key("asset.key", self.key.as_deref())?;
        check_required_localized("asset.name", &self.name)?;
        check_sources(&self.sources)?;
        Ok(Asset {
            id: context.ids.uuid(),
            key: self.key,
            sources: self.sources,
            name: self.name,
            description: self.description,
            tags: self.tags,
            custom: self
                .custom
                .map(|draft| draft.resolve("asset", context))
                .transpose()?,
        })
    }
}

/// The assets of a draft, with keys that differ.
///
/// # Errors
/// As [`AssetDraft::resolve`], and [`DomainError::DuplicateField`] for a key that occurs twice.
pub fn resolve_assets(
    drafts: Vec<AssetDraft>,
    context: &mut Context<'_>,
) -> Result<Vec<Asset>, DomainError> {
    let mut assets = Vec::with_capacity(drafts.len());
    for draft in drafts {
        add(&mut assets, draft, None, context)?;
    }
    Ok(assets)
}

/// Which asset an action means: by exactly one of id and key.
#[derive(Clone, Copy, Debug)]
pub struct AssetSelector<'a> {
    pub id: Option<&'a str>,
    pub key: Option<&'a str>,
}

/// Adds an asset, at `position` or at the end.
///
/// # Errors
/// As [`resolve_assets`]; [`DomainError::InvalidInput`] for a position past the end.
pub fn add(
    assets: &mut Vec<Asset>,
    draft: AssetDraft,
    position: Option<usize>,
    context: &mut Context<'_>,
) -> Result<(), DomainError> {
    let at = position.unwrap_or(assets.len());
    if at > assets.len() {
        return Err(DomainError::input(format!(
            "`position` must be between 0 and {}, found {at}",
            assets.len()
        )));
    }
    check_key_is_free(assets, draft.key.as_deref())?;
    let asset = draft.resolve(context)?;
    assets.insert(at, asset);
    Ok(())
}

/// Removes an asset.
///
/// # Errors
/// [`DomainError::InvalidOperation`] if there is none.
pub fn remove(assets: &mut Vec<Asset>, which: AssetSelector<'_>) -> Result<(), DomainError> {
    let id = find(assets, which)?.id.clone();
    assets.retain(|asset| asset.id != id);
    Ok(())
}

/// Brings the assets into the order of `ids`, which must name each once.
///
/// # Errors
/// [`DomainError::InvalidInput`] otherwise.
pub fn reorder(assets: &mut [Asset], ids: &[String]) -> Result<(), DomainError> {
    let place = |id: &str| ids.iter().position(|named| named == id);
    let complete =
        ids.len() == assets.len() && assets.iter().all(|asset| place(&asset.id).is_some());
    if !complete {
        return Err(DomainError::input(
            "`assetOrder` must name the id of each asset once",
        ));
    }
    assets.sort_by_key(|asset| place(&asset.id));
    Ok(())
}

/// The asset an action means, to change it.
///
/// # Errors
/// [`DomainError::InvalidInput`] unless exactly one of id and key is given, [`DomainError::InvalidOperation`] if there is
/// no such asset.
pub fn find<'a>(
    assets: &'a mut [Asset],
    which: AssetSelector<'_>,
) -> Result<&'a mut Asset, DomainError> {
    let (matches, shown): (fn(&Asset, &str) -> bool, &str) = match (which.id, which.key) {
        (Some(id), None) => (|asset, id| asset.id == id, id),
        (None, Some(key)) => (|asset, key| asset.key.as_deref() == Some(key), key),
        _ => {
            return Err(DomainError::input(
                "exactly one of `assetId` and `assetKey` must be given",
            ));
        }
    };
    assets
        .iter_mut()
        .find(|asset| matches(asset, shown))
        .ok_or_else(|| DomainError::operation(format!("There is no asset '{shown}'.")))
}

/// Sets or removes the key of the asset with this id.
///
/// # Errors
/// [`DomainError::DuplicateField`] if another asset has it.
pub fn set_key(assets: &mut [Asset], id: &str, key: Option<String>) -> Result<(), DomainError> {
    check_optional_key("assetKey", key.as_deref())?;
    let by_id = AssetSelector {
        id: Some(id),
        key: None,
    };
    if find(assets, by_id)?.key == key {
        return Ok(());
    }
    check_key_is_free(assets, key.as_deref())?;
    find(assets, by_id)?.key = key;
    Ok(())
}

impl Asset {
    /// Replaces the name.
    ///
    /// # Errors
    /// [`DomainError::RequiredField`] without any locale.
    pub fn change_name(&mut self, name: LocalizedString) -> Result<(), DomainError> {
        check_required_localized("name", &name)?;
        self.name = name;
        Ok(())
    }

    /// Replaces the sources.
    ///
    /// # Errors
    /// [`DomainError::RequiredField`] without any.
    pub fn set_sources(&mut self, sources: Vec<AssetSource>) -> Result<(), DomainError> {
        check_sources(&sources)?;
        self.sources = sources;
        Ok(())
    }

    /// Sets, replaces or removes the type of its custom fields.
    ///
    /// # Errors
    /// Custom fields that do not fit.
    pub fn set_custom_type(
        &mut self,
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        custom_fields::set_type(&mut self.custom, type_identifier, fields, "asset", context)
    }

    /// Sets or removes one custom field.
    ///
    /// # Errors
    /// A value that does not fit.
    pub fn set_custom_field(
        &mut self,
        name: &str,
        value: Option<Value>,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        custom_fields::set_field(&mut self.custom, name, value, context)
    }
}

fn check_sources(sources: &[AssetSource]) -> Result<(), DomainError> {
    if sources.is_empty() {
        return Err(DomainError::required("sources"));
    }
    sources
        .iter()
        .try_for_each(|source| check_optional_key("sources.key", source.key.as_deref()))
}

fn check_key_is_free(assets: &[Asset], key: Option<&str>) -> Result<(), DomainError> {
    match key {
        Some(key) if assets.iter().any(|asset| asset.key.as_deref() == Some(key)) => {
            Err(DomainError::DuplicateField {
                field: "assets.key".to_owned(),
                value: key.into(),
            })
        }
        Some(_) | None => Ok(()),
    }
}
