//! Pictures of variants.

use crate::{
    context::Context,
    error::DomainError,
    message::Message,
    product::{
        Image, Product, ProductVariant,
        actions::{VariantTarget, variant_action},
    },
};

variant_action! {
    /// Adds a picture that lies elsewhere.
    AddExternalImage {
        image: Image,
    }
}

impl AddExternalImage {
    pub(super) fn apply(
        self,
        product: &mut Product,
        context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        let mut variant_id = 0;
        for variant in product.master_data.variants(&self.target())? {
            if variant.images.iter().any(|one| one.url == self.image.url) {
                return Err(DomainError::DuplicateField {
                    field: "images.url".to_owned(),
                    value: self.image.url.into(),
                });
            }
            variant_id = variant.id;
            variant.images.push(self.image.clone());
        }
        context.emit(
            Message::new("ProductImageAdded")
                .with("variantId", variant_id)
                .with_document("image", &self.image)?
                .with("staged", self.staged),
        );
        Ok(())
    }
}

variant_action! {
    /// Removes a picture.
    RemoveImage {
        image_url: String,
    }
}

impl RemoveImage {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        on_image(product, &self.target(), &self.image_url, |variant, at| {
            variant.images.remove(at);
            Ok(())
        })
    }
}

variant_action! {
    /// Moves a picture to a place, counted from 0.
    MoveImageToPosition {
        image_url: String,
        position: usize,
    }
}

impl MoveImageToPosition {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        on_image(product, &self.target(), &self.image_url, |variant, at| {
            if self.position >= variant.images.len() {
                return Err(DomainError::input(format!(
                    "`position` must be less than {}, found {}",
                    variant.images.len(),
                    self.position
                )));
            }
            let image = variant.images.remove(at);
            variant.images.insert(self.position, image);
            Ok(())
        })
    }
}

variant_action! {
    /// Sets or removes the label of a picture.
    SetImageLabel {
        image_url: String,
        label: Option<String>,
    }
}

impl SetImageLabel {
    pub(super) fn apply(
        self,
        product: &mut Product,
        _context: &mut Context<'_>,
    ) -> Result<(), DomainError> {
        on_image(product, &self.target(), &self.image_url, |variant, at| {
            if let Some(image) = variant.images.get_mut(at) {
                image.label.clone_from(&self.label);
            }
            Ok(())
        })
    }
}

/// Does something with the picture at its place, wherever the target's variant has it, at least once.
fn on_image(
    product: &mut Product,
    target: &VariantTarget,
    url: &str,
    mut change: impl FnMut(&mut ProductVariant, usize) -> Result<(), DomainError>,
) -> Result<(), DomainError> {
    let mut found = false;
    for variant in product.master_data.variants(target)? {
        if let Some(at) = variant.images.iter().position(|image| image.url == url) {
            found = true;
            change(variant, at)?;
        }
    }
    if found {
        Ok(())
    } else {
        Err(DomainError::operation(format!(
            "The variant has no image with the URL '{url}'."
        )))
    }
}
