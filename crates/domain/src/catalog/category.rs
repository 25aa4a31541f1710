//! Categories: the tree that products hang in.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    catalog::{
        asset::{self, Asset, AssetDraft, AssetSelector, resolve_assets},
        shape::{
            check_localized, check_optional_key, check_order_hint, check_required_localized,
            check_slug,
        },
    },
    context::{Author, Context},
    custom_fields::{self, CustomFields, CustomFieldsDraft},
    error::DomainError,
    kind::Kind,
    localized::LocalizedString,
    message::Message,
    reference::{Reference, ResourceIdentifier},
    resource::{Index, Resource, Unique, unborn},
    timestamp::Timestamp,
    world::By,
};

mod action;

pub use action::CategoryAction;

/// A node of the category tree.
///
/// Source: <https://docs.commercetools.com/api/projects/categories>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    pub id: String,
    pub version: i64,
    pub created_at: Timestamp,
    pub last_modified_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_by: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub name: LocalizedString,
    /// Unique in the project for each locale.
    pub slug: LocalizedString,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedString>,
    /// From the root to the parent.
    pub ancestors: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Reference>,
    /// A decimal between 0 and 1.
    pub order_hint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_title: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_description: Option<LocalizedString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_keywords: Option<LocalizedString>,
    pub assets: Vec<Asset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomFields>,
}

crate::envelope!(Category, optional_key);

/// What a client sends to create a category.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CategoryDraft {
    pub key: Option<String>,
    pub name: LocalizedString,
    pub slug: LocalizedString,
    pub description: Option<LocalizedString>,
    pub parent: Option<ResourceIdentifier>,
    pub order_hint: Option<String>,
    pub external_id: Option<String>,
    pub meta_title: Option<LocalizedString>,
    pub meta_description: Option<LocalizedString>,
    pub meta_keywords: Option<LocalizedString>,
    #[serde(default)]
    pub assets: Vec<AssetDraft>,
    pub custom: Option<CustomFieldsDraft>,
}

/// The categories below `id`, each with the ancestors it has in the tree as `all` describes it; parents come first.
///
/// For whoever stores a moved category (its descendants' ancestors change) or deletes one (they go with it).
#[must_use]
pub fn descendants(root: &Category, all: &[Arc<Category>]) -> Vec<Category> {
    let mut found: Vec<Category> = Vec::new();
    let mut parents = vec![root.clone()];
    while let Some(parent) = parents.pop() {
        let children = all.iter().filter(|category| {
            category.id != root.id
                && category.parent.as_ref().map(|one| &one.id) == Some(&parent.id)
                && !found.iter().any(|known| known.id == category.id)
        });
        let children: Vec<Category> = children
            .map(|category| Category {
                ancestors: parent.path(),
                ..Category::clone(category)
            })
            .collect();
        found.extend(children.iter().cloned());
        parents.extend(children);
    }
    found
}

impl Category {
    /// The ancestors of its children: its own, then itself.
    #[must_use]
    pub fn path(&self) -> Vec<Reference> {
        let mut path = self.ancestors.clone();
        path.push(Reference::new(Kind::Category, self.id.clone()));
        path
    }

    fn move_below(
        &mut self,
        parent: &ResourceIdentifier,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let parent = context.world.require::<Self>(parent)?;
        let ancestors = ancestors_below(&parent, context)?;
        if ancestors.iter().any(|ancestor| ancestor.id == self.id) {
            return Err(DomainError::operation(format!(
                "The category '{}' cannot be moved below '{}', because that lies below it.",
                self.id, parent.id
            )));
        }
        self.ancestors = ancestors;
        self.parent = Some(Reference::new(Kind::Category, parent.id.clone()));
        Ok(())
    }

    fn change_slug(
        &mut self,
        slug: LocalizedString,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        check_slug(&slug)?;
        if slug == self.slug {
            return Ok(());
        }
        context.emit(
            Message::new("CategorySlugChanged")
                .with_document("slug", &slug)?
                .with_document("oldSlug", &self.slug)?,
        );
        self.slug = slug;
        Ok(())
    }

    fn asset(&mut self, id: Option<&str>, key: Option<&str>) -> Result<&mut Asset, DomainError> {
        asset::find(&mut self.assets, AssetSelector { id, key })
    }
}

/// From the root to `parent`, by following the parents, which are true even while stored ancestors are out of date.
fn ancestors_below(
    parent: &Category,
    context: &mut Context<'_>,
) -> Result<Vec<Reference>, DomainError> {
    let mut path = vec![Reference::new(Kind::Category, parent.id.clone())];
    let mut next = parent.parent.clone();
    while let Some(reference) = next.take() {
        if path.contains(&reference) {
            break;
        }
        next = context
            .world
            .get::<Category>(By::Id(&reference.id))?
            .and_then(|category| category.parent.clone());
        path.push(reference);
    }
    path.reverse();
    Ok(path)
}

/// An order hint for a category that got none: later categories come later.
fn generated_order_hint(now: Timestamp) -> String {
    format!("0.0000{:014}1", now.millis().max(0))
}

fn checked_text(
    field: &str,
    text: Option<LocalizedString>,
) -> Result<Option<LocalizedString>, DomainError> {
    text.as_ref()
        .map_or(Ok(()), |text| check_localized(field, text))?;
    Ok(text)
}

impl Resource for Category {
    const KIND: Kind = Kind::Category;
    type Draft = CategoryDraft;
    type Action = CategoryAction;

    fn create(draft: CategoryDraft, context: &mut Context<'_>) -> Result<Self, DomainError> {
        check_optional_key("key", draft.key.as_deref())?;
        check_required_localized("name", &draft.name)?;
        check_slug(&draft.slug)?;
        if let Some(hint) = &draft.order_hint {
            check_order_hint("orderHint", hint)?;
        }
        let mut category = Self {
            id: String::new(),
            version: 0,
            created_at: unborn(),
            last_modified_at: unborn(),
            created_by: None,
            last_modified_by: None,
            key: draft.key,
            name: draft.name,
            slug: draft.slug,
            description: checked_text("description", draft.description)?,
            ancestors: Vec::new(),
            parent: None,
            order_hint: draft
                .order_hint
                .unwrap_or_else(|| generated_order_hint(context.now)),
            external_id: draft.external_id,
            meta_title: checked_text("metaTitle", draft.meta_title)?,
            meta_description: checked_text("metaDescription", draft.meta_description)?,
            meta_keywords: checked_text("metaKeywords", draft.meta_keywords)?,
            assets: resolve_assets(draft.assets, context)?,
            custom: draft
                .custom
                .map(|custom| custom.resolve("category", context))
                .transpose()?,
        };
        if let Some(parent) = &draft.parent {
            category.move_below(parent, context)?;
        }
        context.emit(Message::new("CategoryCreated").with_document("category", &category)?);
        Ok(category)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm per action; the compiler lists the missing ones"
    )]
    fn apply(
        &mut self,
        action: CategoryAction,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        use CategoryAction as A;
        match action {
            A::ChangeName { name } => {
                check_required_localized("name", &name)?;
                self.name = name;
            }
            A::ChangeSlug { slug } => self.change_slug(slug, context)?,
            A::ChangeParent { parent } => self.move_below(&parent, context)?,
            A::ChangeOrderHint { order_hint } => {
                check_order_hint("orderHint", &order_hint)?;
                self.order_hint = order_hint;
            }
            A::SetKey { key } => {
                check_optional_key("key", key.as_deref())?;
                self.key = key;
            }
            A::SetDescription { description: text } => {
                self.description = checked_text("description", text)?;
            }
            A::SetExternalId { external_id } => self.external_id = external_id,
            A::SetMetaTitle { meta_title: text } => {
                self.meta_title = checked_text("metaTitle", text)?;
            }
            A::SetMetaDescription {
                meta_description: text,
            } => self.meta_description = checked_text("metaDescription", text)?,
            A::SetMetaKeywords {
                meta_keywords: text,
            } => self.meta_keywords = checked_text("metaKeywords", text)?,
            A::SetCustomType {
                type_identifier,
                fields,
            } => {
                let custom = &mut self.custom;
                custom_fields::set_type(custom, type_identifier, fields, "category", context)?;
            }
            A::SetCustomField { name, value } => {
                custom_fields::set_field(&mut self.custom, &name, value, context)?;
            }
            A::AddAsset { asset, position } => {
                asset::add(&mut self.assets, asset, position, context)?;
            }
            A::RemoveAsset {
                asset_id: id,
                asset_key: key,
            } => {
                let which = AssetSelector {
                    id: id.as_deref(),
                    key: key.as_deref(),
                };
                asset::remove(&mut self.assets, which)?;
            }
            A::ChangeAssetName {
                asset_id: id,
                asset_key: key,
                name,
            } => self
                .asset(id.as_deref(), key.as_deref())?
                .change_name(name)?,
            A::ChangeAssetOrder { asset_order } => asset::reorder(&mut self.assets, &asset_order)?,
            A::SetAssetKey {
                asset_id,
                asset_key,
            } => asset::set_key(&mut self.assets, &asset_id, asset_key)?,
            A::SetAssetDescription {
                asset_id: id,
                asset_key: key,
                description,
            } => self.asset(id.as_deref(), key.as_deref())?.description = description,
            A::SetAssetTags {
                asset_id: id,
                asset_key: key,
                tags,
            } => self.asset(id.as_deref(), key.as_deref())?.tags = tags,
            A::SetAssetSources {
                asset_id: id,
                asset_key: key,
                sources,
            } => self
                .asset(id.as_deref(), key.as_deref())?
                .set_sources(sources)?,
            A::SetAssetCustomType {
                asset_id: id,
                asset_key: key,
                type_identifier,
                fields,
            } => self.asset(id.as_deref(), key.as_deref())?.set_custom_type(
                type_identifier,
                fields,
                context,
            )?,
            A::SetAssetCustomField {
                asset_id: id,
                asset_key: key,
                name,
                value,
            } => self
                .asset(id.as_deref(), key.as_deref())?
                .set_custom_field(&name, value, context)?,
        }
        Ok(())
    }

    fn index(&self) -> Index {
        Index {
            unique: self
                .slug
                .iter()
                .map(|(locale, slug)| Unique::new(format!("category-slug:{locale}"), "slug", slug))
                .collect(),
            ..Index::default()
        }
    }
}
