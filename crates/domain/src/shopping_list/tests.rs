//! Behaviour of shopping lists.
