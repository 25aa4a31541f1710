//! Behaviour of payments.
