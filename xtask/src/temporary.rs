//! Folders for a while.

use crate::env_file;
use crate::failure::{Outcome, While};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// A folder of our own that goes away with this value.
#[derive(Debug)]
pub struct TemporaryFolder {
    pub path: PathBuf,
    kept: bool,
}

impl TemporaryFolder {
    pub fn create(name: &str) -> Outcome<Self> {
        let path = std::env::temp_dir().join(format!("{name}-{}", env_file::random_hex(6)?));
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .doing(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path, kept: false })
    }

    /// Leaves the folder for somebody to look at.
    pub fn keep(&mut self) {
        self.kept = true;
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("cannot remove {}: {error}", self.path.display());
        }
    }
}
