//! Scope strings: what a client holds (first line), and what is requested (below).

use domain::identity::{
    ids::ProjectKey,
    scope::{DeviceScopes, Holder, Narrowing, ScopeSet},
};

use crate::{Verdict, first_line};

const HOLDERS: [Holder; 3] = [
    Holder::Client,
    Holder::Device(DeviceScopes::Any),
    Holder::Device(DeviceScopes::SafeOnly),
];

/// A scope that is read is printed and read again as itself; nobody is granted more than is held, and never an identity.
pub fn check(data: &[u8]) -> Verdict {
    let (held, requested) = first_line(data);
    let (Some(held), Some(requested)) = (read(held), read(requested)) else {
        return Verdict::Refused;
    };
    for set in [&held, &requested] {
        assert!(
            set.iter().all(|scope| set.implies(scope)),
            "{set} does not hold itself"
        );
    }
    let project = ProjectKey::new("demo");
    for narrowing in [Narrowing::Implied, Narrowing::Literal] {
        for asked in [None, Some(&requested)] {
            for holder in HOLDERS {
                if let Ok(granted) = held.granted(&project, asked, holder, narrowing) {
                    check_part(&held, &granted);
                    assert!(
                        !granted.iter().any(|scope| scope.is_identity()),
                        "{granted}"
                    );
                }
            }
        }
    }
    if let Ok(narrowed) = held.narrowed(&requested) {
        check_part(&held, &narrowed);
        assert_eq!(narrowed.subject(), held.subject());
    }
    Verdict::Accepted
}

fn check_part(held: &ScopeSet, granted: &ScopeSet) {
    assert!(!granted.is_empty());
    for scope in granted {
        assert!(held.implies(scope), "`{scope}` from `{held}`");
    }
}

fn read(text: &[u8]) -> Option<ScopeSet> {
    let set = ScopeSet::parse(std::str::from_utf8(text).ok()?).ok()?;
    let printed = set.to_string();
    assert_eq!(ScopeSet::parse(&printed).as_ref(), Ok(&set), "{printed}");
    // RFC 6749 section 3.3, and one space between two.
    let is_scope_character = |b: u8| matches!(b, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(printed.bytes().all(is_scope_character), "{printed:?}");
    assert!(!printed.contains("  ") && printed == printed.trim());
    Some(set)
}
