//! What has a signature must lose its meaning with every change.

/// So many places of a text are changed, at most.
const PLACES: usize = 48;

/// Panics if `text` with another character at some place is still accepted.
pub fn refuses_every_change(text: &str, is_accepted: impl Fn(&str) -> bool) {
    let step = text.len().div_ceil(PLACES).max(1);
    // The end is where a signature has bits that say nothing.
    let places = (0..text.len())
        .step_by(step)
        .chain(text.len().checked_sub(1));
    for place in places {
        let (before, after) = text.split_at(place);
        for other in ["A", "B", "."] {
            let changed = format!("{before}{other}{}", after.get(1..).unwrap_or_default());
            assert!(
                changed == text || !is_accepted(&changed),
                "accepted with `{other}` at {place}: {changed}"
            );
        }
        let shorter = format!("{before}{}", after.get(1..).unwrap_or_default());
        assert!(
            !is_accepted(&shorter),
            "accepted without place {place}: {shorter}"
        );
    }
    for longer in [format!("{text}A"), format!("{text}="), format!("A{text}")] {
        assert!(!is_accepted(&longer), "accepted longer: {longer}");
    }
}
