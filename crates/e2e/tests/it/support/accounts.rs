//! What is stored of accounts and never shown.

use std::sync::Arc;

use diesel::{RunQueryDsl as _, sql_types::Text};
use shared::{
    db::{DbError, statement::Statement},
    password::{PasswordCost, Passwords},
    random::SystemRandomness,
};

use super::{PASSWORD, PROJECT, Shop};

impl Shop {
    /// Stores a hash of [`PASSWORD`] that was made with other parameters than those of today.
    pub fn store_outdated_hash(&self, customer: &str) {
        let cost = PasswordCost {
            memory_kib: 16,
            passes: 2,
        };
        let passwords = Passwords::new(cost, Arc::new(SystemRandomness::new())).expect("a hasher");
        let hash = passwords.hash_blocking(PASSWORD).expect("a hash");
        self.store_hash(customer, &hash);
    }

    /// Stores a password's hash, whatever the customer's authentication mode.
    pub fn store_hash(&self, customer: &str, hash: &str) {
        self.database
            .database
            .write_blocking::<_, DbError>(|tx| {
                let forget = Statement::new("DELETE FROM customer_credentials WHERE customer_id = ");
                forget.text(customer).run(tx.connection())?;
                let store = Statement::new(
                    "INSERT INTO customer_credentials (project_key, customer_id, password_hash, changed_at) VALUES (",
                );
                let store = store.text(PROJECT).sql(", ").text(customer).sql(", ").text(hash);
                store.sql(", 0)").run(tx.connection())?;
                Ok(())
            })
            .expect("a stored hash");
    }

    /// The stored hash of a customer's password.
    pub fn stored_hash(&self, customer: &str) -> Option<String> {
        let asked =
            Statement::new("SELECT password_hash FROM customer_credentials WHERE customer_id = ")
                .text(customer)
                .rows::<(Text,)>();
        let rows: Vec<(String,)> = self
            .database
            .database
            .read_blocking::<_, DbError>(|tx| Ok(asked.load(tx.connection())?))
            .expect("a hash");
        rows.into_iter().next().map(|(hash,)| hash)
    }
}
