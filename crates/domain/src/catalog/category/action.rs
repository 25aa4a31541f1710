//! What a client may do to a category.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    catalog::asset::{AssetDraft, AssetSource},
    localized::LocalizedString,
    reference::ResourceIdentifier,
};

/// What a client may do to a category.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum CategoryAction {
    ChangeName {
        name: LocalizedString,
    },
    ChangeSlug {
        slug: LocalizedString,
    },
    ChangeParent {
        parent: ResourceIdentifier,
    },
    ChangeOrderHint {
        order_hint: String,
    },
    SetKey {
        key: Option<String>,
    },
    SetDescription {
        description: Option<LocalizedString>,
    },
    SetExternalId {
        external_id: Option<String>,
    },
    SetMetaTitle {
        meta_title: Option<LocalizedString>,
    },
    SetMetaDescription {
        meta_description: Option<LocalizedString>,
    },
    SetMetaKeywords {
        meta_keywords: Option<LocalizedString>,
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
    AddAsset {
        asset: AssetDraft,
        position: Option<usize>,
    },
    RemoveAsset {
        asset_id: Option<String>,
        asset_key: Option<String>,
    },
    ChangeAssetName {
        asset_id: Option<String>,
        asset_key: Option<String>,
        name: LocalizedString,
    },
    ChangeAssetOrder {
        asset_order: Vec<String>,
    },
    SetAssetKey {
        asset_id: String,
        asset_key: Option<String>,
    },
    SetAssetDescription {
        asset_id: Option<String>,
        asset_key: Option<String>,
        description: Option<LocalizedString>,
    },
    SetAssetTags {
        asset_id: Option<String>,
        asset_key: Option<String>,
        #[serde(default)]
        tags: Vec<String>,
    },
    SetAssetSources {
        asset_id: Option<String>,
        asset_key: Option<String>,
        sources: Vec<AssetSource>,
    },
    SetAssetCustomType {
        asset_id: Option<String>,
        asset_key: Option<String>,
        #[serde(rename = "type")]
        type_identifier: Option<ResourceIdentifier>,
        fields: Option<Map<String, Value>>,
    },
    SetAssetCustomField {
        asset_id: Option<String>,
        asset_key: Option<String>,
        name: String,
        value: Option<Value>,
    },
}
