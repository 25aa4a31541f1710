//! A resource as the text that is stored, and how large it may get: the one place where documents are measured.
//!
//! Everything that is written passes here, whichever draft, action, copy or merge made it. Measuring costs no second pass: it
//! happens while the text is made, and a resource that is too large is given up at the first byte beyond.
//!
//! The vendor's limit for a document is 16 MB (<https://docs.commercetools.com/api/errors>,
//! `ResourceSizeLimitExceeded`). What shoppers write themselves must be smaller: reading and writing it costs everybody.

mod lists;
mod ruler;

use serde::Serialize;

use crate::{
    error::{DomainError, SizeLimit},
    kind::Kind,
};
use ruler::{Excess, Paper, Ruler};

/// Largest document: the vendor's limit.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Largest document of the kinds that shoppers write: as much as one request can say.
pub const MAX_SHOPPER_BYTES: usize = 4 * 1024 * 1024;

/// Longest text or name of a member within a document. No name, address or description comes near; values of custom objects
/// may be anything and are limited by the size of the document only.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;

/// Why a resource did not become a text.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is too large.
    #[error(transparent)]
    TooLarge(#[from] DomainError),
    /// It cannot be written as JSON, which would be a bug.
    #[error(transparent)]
    Json(serde_json::Error),
}

/// Writes a resource.
///
/// # Errors
/// [`DomainError::ResourceSizeLimitExceeded`] and [`DomainError::MaxResourceLimitExceeded`] in [`WriteError::TooLarge`], both
/// naming what there is too much of.
pub fn write<T: Serialize>(kind: Kind, resource: &T) -> Result<String, WriteError> {
    let mut paper = Paper::new(max_bytes(kind));
    let mut ruler = Ruler::new(kind);
    let mut serializer = serde_json::Serializer::with_formatter(&mut paper, &mut ruler);
    let written = resource.serialize(&mut serializer);
    if let Err(error) = written {
        let excess = ruler.excess().or_else(|| paper.excess());
        return Err(excess.map_or(WriteError::Json(error), |excess| {
            refusal(kind, excess).into()
        }));
    }
    paper.text().map_err(WriteError::Json)
}

/// Largest document of a kind.
///
/// Orders are made of carts, but grow by what backends do with them.
#[must_use]
pub const fn max_bytes(kind: Kind) -> usize {
    match kind {
        Kind::Cart | Kind::Customer | Kind::ShoppingList | Kind::Payment => MAX_SHOPPER_BYTES,
        _ => MAX_BYTES,
    }
}

fn refusal(kind: Kind, excess: Excess) -> DomainError {
    let too_large = |place: Option<String>, limit| DomainError::ResourceSizeLimitExceeded {
        kind,
        place,
        limit,
    };
    match excess {
        Excess::Document { bytes } => too_large(None, SizeLimit::Bytes(bytes)),
        Excess::Text { place } => too_large(Some(place), SizeLimit::Bytes(MAX_TEXT_BYTES)),
        Excess::List {
            name: Some(name),
            limit,
            ..
        } => DomainError::MaxResourceLimitExceeded {
            exceeded: name,
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
        },
        Excess::List {
            name: None,
            place,
            limit,
        } => too_large(Some(place), SizeLimit::Elements(limit)),
    }
}

#[cfg(test)]
mod tests;
