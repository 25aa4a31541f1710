//! What every use case works with, whichever server it runs in: no connections, no passwords, no HTTP.

use shared::{clock::ModificationSequence, random::SharedRandomness};

use super::catalog_cache::CatalogCache;

/// Where shopping lists go at sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShoppingListMigration {
    /// They stay with the anonymous id; the application moves them.
    Manual,
    /// They become the customer's, as carts do.
    Automatic,
}

impl ShoppingListMigration {
    /// The setting `SHOPPING_LIST_MIGRATION`, of both servers.
    ///
    /// # Errors
    /// What the setting must be.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "manual" => Ok(Self::Manual),
            "automatic" => Ok(Self::Automatic),
            other => Err(format!("must be `manual` or `automatic`, found `{other}`")),
        }
    }
}

/// What every use case works with. Starts empty, and takes no memory before it is used.
pub struct Workbench {
    /// Reference data of the projects.
    pub catalog: CatalogCache,
    /// Randomness for ids and one-time tokens.
    pub randomness: SharedRandomness,
    /// Numbers changes.
    pub sequence: ModificationSequence,
    /// Where shopping lists go at sign-in.
    pub shopping_lists: ShoppingListMigration,
    /// Whether messages about short-lived one-time tokens have their values, for a mail service that reads messages.
    pub token_values_in_messages: bool,
}

impl Workbench {
    /// An empty one, with no values of tokens in messages.
    #[must_use]
    pub fn new(randomness: SharedRandomness, shopping_lists: ShoppingListMigration) -> Self {
        Self {
            catalog: CatalogCache::default(),
            randomness,
            sequence: ModificationSequence::default(),
            shopping_lists,
            token_values_in_messages: false,
        }
    }
}
