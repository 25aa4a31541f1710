//! Which version this is. A crate of its own, so that a commit rebuilds little.

/// The workspace's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit this was built from, or `unknown`.
pub const COMMIT: &str = env!("GUESTCART_COMMIT");

/// Both, for `--version`.
pub const VERSION_AND_COMMIT: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("GUESTCART_COMMIT"),
    ")"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_a_hash_or_unknown() {
        let is_hash = COMMIT.len() >= 7 && COMMIT.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_hash || COMMIT == "unknown", "{COMMIT}");
        assert_eq!(VERSION_AND_COMMIT, format!("{VERSION} ({COMMIT})"));
    }
}
