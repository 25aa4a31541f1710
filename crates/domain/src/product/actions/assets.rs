//! Media of variants.

use serde_json::{Map, Value};

use crate::{
    catalog::asset::{self, Asset, AssetDraft, AssetSelector, AssetSource},
    context::Context,
    error::DomainError,
    localized::LocalizedString,
    product::{
        Product,
        actions::{VariantTarget, variant_action},
    },
    reference::ResourceIdentifier,
};

variant_action! {
    /// Adds a medium, at a place counted from 0 or at the end.
    AddAsset {
        asset: AssetDraft,
        position: Option<usize>,
    }
}

impl AddAsset {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let target = self.target();
        let mut added: Option<Asset> = None;
        for variant in product.master_data.variants(&target)? {
            let draft = self.asset.clone();
            asset::add(&mut variant.assets, draft, self.position, context)?;
            let at = self
                .position
                .unwrap_or(variant.assets.len().saturating_sub(1));
            // Both states hold the same asset, so it has one id.
            if let Some(asset) = variant.assets.get_mut(at) {
                asset.clone_from(added.get_or_insert_with(|| asset.clone()));
            }
        }
        Ok(())
    }
}

variant_action! {
    /// Brings the media of a variant into an order.
    ChangeAssetOrder {
        asset_order: Vec<String>,
    }
}

impl ChangeAssetOrder {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        product
            .master_data
            .variants(&self.target())?
            .into_iter()
            .try_for_each(|variant| asset::reorder(&mut variant.assets, &self.asset_order))
    }
}

variant_action! {
    /// Sets or removes the key of a medium.
    SetAssetKey {
        asset_id: String,
        asset_key: Option<String>,
    }
}

impl SetAssetKey {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        for variant in product.master_data.variants(&self.target())? {
            asset::set_key(&mut variant.assets, &self.asset_id, self.asset_key.clone())?;
        }
        Ok(())
    }
}

variant_action! {
    /// Removes a medium.
    RemoveAsset {
        asset_id: Option<String>,
        asset_key: Option<String>,
    }
}

impl RemoveAsset {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let which = AssetSelector {
            id: self.asset_id.as_deref(),
            key: self.asset_key.as_deref(),
        };
        product
            .master_data
            .variants(&self.target())?
            .into_iter()
            .try_for_each(|variant| asset::remove(&mut variant.assets, which))
    }
}

/// An action that changes one medium in place.
macro_rules! asset_action {
    ($(#[$doc:meta])+ $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* } $change:expr) => {
        variant_action! {
            $(#[$doc])+
            $name {
                asset_id: Option<String>,
                asset_key: Option<String>,
                $($(#[$meta])* $field: $type,)*
            }
        }

        impl $name {
            pub(super) fn apply(
                self,
                product: &mut Product,
                context: &mut Context<'_>,
            ) -> Result<(), DomainError> {
                let which = AssetSelector {
                    id: self.asset_id.as_deref(),
                    key: self.asset_key.as_deref(),
                };
                let change: fn(&Self, &mut Asset, &mut Context<'_>) -> Result<(), DomainError> = $change;
                on_asset(product, &self.target(), which, |asset| change(&self, asset, context))
            }
        }
    };
}

asset_action! {
    /// Replaces the name of a medium.
    ChangeAssetName {
        name: LocalizedString,
    }
    |action, asset, _| asset.change_name(action.name.clone())
}

asset_action! {
    /// Sets or removes the description of a medium.
    SetAssetDescription {
        description: Option<LocalizedString>,
    }
    |action, asset, _| {
        asset.description.clone_from(&action.description);
        Ok(())
    }
}

asset_action! {
    /// Replaces the tags of a medium.
    SetAssetTags {
        #[serde(default)]
        tags: Vec<String>,
    }
    |action, asset, _| {
        asset.tags.clone_from(&action.tags);
        Ok(())
    }
}

asset_action! {
    /// Replaces the renditions of a medium.
    SetAssetSources {
        sources: Vec<AssetSource>,
    }
    |action, asset, _| asset.set_sources(action.sources.clone())
}

asset_action! {
    /// Sets, replaces or removes the type of a medium's custom fields.
    SetAssetCustomType {
        #[serde(rename = "type")]
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    }
    |action, asset, context| {
        asset.set_custom_type(action.type_identifier.clone(), action.fields.clone(), context)
    }
}

asset_action! {
    /// Sets or removes a custom field of a medium.
    SetAssetCustomField {
        name: String,
        value: Option<Value>,
    }
    |action, asset, context| asset.set_custom_field(&action.name, action.value.clone(), context)
}

fn on_asset(
    product: &mut Product,
    target: &VariantTarget,
    which: AssetSelector<'_>,
    mut change: impl FnMut(&mut Asset) -> Result<(), DomainError>,
) -> Result<(), DomainError> {
    for variant in product.master_data.variants(target)? {
        change(asset::find(&mut variant.assets, which)?)?;
    }
    Ok(())
}
