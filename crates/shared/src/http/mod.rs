//! HTTP manners that both servers share.

pub mod bearer;
pub mod correlation;
pub mod health;
