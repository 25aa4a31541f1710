//! Behaviour of customers.
