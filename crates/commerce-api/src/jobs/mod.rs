//! Housekeeping beside the requests. What is kept for how long is in the table of `docs/operations.md`.

mod delete_expired;
mod forget_messages;
mod one_time_tokens;

use std::sync::Arc;

use shared::jobs::{Job, Runner};

use crate::app_state::AppState;
use delete_expired::DeleteExpired;
use forget_messages::ForgetMessages;
use one_time_tokens::DeleteOneTimeTokens;

/// All jobs of this server.
#[must_use]
pub fn runner(state: &AppState) -> Runner {
    let jobs: Vec<Arc<dyn Job>> = vec![
        Arc::new(DeleteExpired::CARTS),
        Arc::new(DeleteExpired::SHOPPING_LISTS),
        Arc::new(ForgetMessages),
        Arc::new(DeleteOneTimeTokens),
    ];
    Runner::new(
        state.database.clone(),
        Arc::clone(&state.clock),
        state.bench.randomness.as_ref(),
        jobs,
    )
}

#[cfg(test)]
mod tests;
