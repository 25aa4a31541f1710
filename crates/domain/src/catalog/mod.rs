//! Small resources: model, draft, actions and rules in one file each.

pub mod asset;
pub mod attribute_definition;
pub mod category;
pub mod channel;
pub mod customer_group;
mod enum_values;
pub mod field_definition;
mod field_type_wire;
pub mod inventory;
pub mod product_type;
pub mod shape;
pub mod shipping_method;
pub mod shipping_rate;
pub mod state;
pub mod store;
pub mod tax_category;
pub mod type_definition;
pub mod zone;

#[cfg(test)]
mod catalog_tests;
