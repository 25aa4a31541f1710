//! Settings of a project.
pub struct Project;
