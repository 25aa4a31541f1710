//! File descriptors: each connection takes two, one of them to see whether its client has hung up.

use rustix::process::{Resource, getrlimit};

use super::presence::allow_many_connections;

/// For the database, files, standard streams, the admin listener, and what libraries open.
const RESERVED: u64 = 256;
/// Of each connection.
const EACH: u64 = 2;

/// Allows this process as many descriptors as it may allow itself, and says how many connections there can be: at most `wanted`.
#[must_use]
pub fn connections_within_reach(wanted: usize) -> usize {
    allow_many_connections();
    let Some(allowed) = getrlimit(Resource::Nofile).current else {
        return wanted;
    };
    let reachable = fitting(wanted, allowed);
    if reachable < wanted {
        log::warn!(
            "MAX_CONNECTIONS: {wanted} connections need more open files than the {allowed} that this process may have; \
             taking {reachable}"
        );
    }
    reachable
}

fn fitting(wanted: usize, descriptors: u64) -> usize {
    let left = descriptors.saturating_sub(RESERVED).max(descriptors / 2);
    wanted.min(usize::try_from((left / EACH).max(1)).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        assert_eq!(fitting(4_096, 20_000), 4_096);
        assert_eq!(fitting(4_096, 1_024), 384);
        assert_eq!(fitting(4_096, 256), 64);
        assert_eq!(fitting(10, 1_024), 10);
    }
}
