//! Name, description, slug, and what search engines read.

use serde::Deserialize;

use crate::{
    catalog::shape::{check_locale, check_localized, check_required_localized, check_slug},
    context::Context,
    error::DomainError,
    localized::LocalizedString,
    message::Message,
    product::{Product, SearchKeywords, actions::staged_by_default},
};

/// Replaces the name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeName {
    pub name: LocalizedString,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl ChangeName {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        check_required_localized("name", &self.name)?;
        for data in product.master_data.states(self.staged) {
            data.name.clone_from(&self.name);
        }
        Ok(())
    }
}

/// Replaces the slug.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeSlug {
    pub slug: LocalizedString,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl ChangeSlug {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        check_slug(&self.slug)?;
        let old = product.master_data.staged.slug.clone();
        let mut changed = false;
        for data in product.master_data.states(self.staged) {
            changed |= data.slug != self.slug;
            data.slug.clone_from(&self.slug);
        }
        if changed {
            context.emit(
                Message::new("ProductSlugChanged")
                    .with_document("slug", &self.slug)?
                    .with_document("oldSlug", &old)?,
            );
        }
        Ok(())
    }
}

macro_rules! optional_texts {
    ($($(#[$doc:meta])+ $action:ident $field:ident $name:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct $action {
            pub $field: Option<LocalizedString>,
            #[serde(default = "staged_by_default")]
            pub staged: bool,
        }

        impl $action {
            pub(super) fn apply(
                self,
                product: &mut Product,
                _context: &mut Context<'_>,
            ) -> Result<(), DomainError> {
                self.$field.as_ref().map_or(Ok(()), |text| check_localized($name, text))?;
                for data in product.master_data.states(self.staged) {
                    data.$field.clone_from(&self.$field);
                }
                Ok(())
            }
        }
    )+};
}

optional_texts! {
    /// Sets or removes the description.
    SetDescription description "description";
    /// Sets or removes the title for search engines.
    SetMetaTitle meta_title "metaTitle";
    /// Sets or removes the description for search engines.
    SetMetaDescription meta_description "metaDescription";
    /// Sets or removes the keywords for search engines.
    SetMetaKeywords meta_keywords "metaKeywords";
}

/// Replaces the keywords of the suggestions.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetSearchKeywords {
    pub search_keywords: SearchKeywords,
    #[serde(default = "staged_by_default")]
    pub staged: bool,
}

impl SetSearchKeywords {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        self.search_keywords
            .keys()
            .try_for_each(|locale| check_locale("searchKeywords", locale))?;
        for data in product.master_data.states(self.staged) {
            data.search_keywords.clone_from(&self.search_keywords);
        }
        Ok(())
    }
}
