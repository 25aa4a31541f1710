//! Environment variables that are no settings, but look as if they were meant to be.

use super::Problems;

/// Names so far apart are not mistaken for each other.
const TYPING_ERRORS: usize = 2;

/// The environment variables of a group of flags.
#[must_use]
pub fn variables_of<A: clap::Args>() -> Vec<String> {
    A::augment_args(clap::Command::new("serve"))
        .get_arguments()
        .filter_map(|flag| flag.get_env())
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

impl Problems {
    /// Looks at the names of all environment variables. One that is almost a setting is a problem: whoever wrote
    /// `RATE_LIMIT=on` relies on it. One that only begins like our settings (`prefixes`) may be another program's, and is
    /// warned of.
    pub fn unknown_variables(&mut self, prefixes: &[&str], known: &[String]) {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        for name in names.iter().filter(|name| !known.contains(name)) {
            if let Some(meant) = meant(name, known) {
                self.add(format!(
                    "{name}: unknown setting; `{meant}` is one (unset it if another program needs it)"
                ));
            } else if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                log::warn!("{name}: unknown setting, ignored");
            }
        }
    }
}

/// The setting that `name` is a misspelling of.
fn meant<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let upper = name.to_ascii_uppercase().replace('-', "_");
    let distances = known.iter().map(|one| (distance(&upper, one), one));
    let (least, nearest) = distances.min()?;
    (least <= TYPING_ERRORS).then_some(nearest.as_str())
}

/// How many letters must be put in, left out or replaced to make the one of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut next = vec![line + 1];
        for (place, (opposite, above)) in other.iter().zip(row.windows(2)).enumerate() {
            let [diagonal, straight] = above else { break };
            let replaced = diagonal + usize::from(letter != *opposite);
            let left = next.get(place).map_or(usize::MAX, |left| left + 1);
            next.push(replaced.min(straight + 1).min(left));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_two_letters_make_a_misspelt_setting() {
        let known = ["RATE_LIMITS", "API_BIND", "DPOP_NONCE"].map(str::to_owned);
        for (name, expected) in [
            ("RATE_LIMIT", Some("RATE_LIMITS")),
            ("RATELIMITS", Some("RATE_LIMITS")),
            ("rate_limits", Some("RATE_LIMITS")),
            ("RATE-LIMITS", Some("RATE_LIMITS")),
            ("API_BNID", Some("API_BIND")),
            ("DPOP_NONSENSE", None),
            ("API_HOST", None),
            ("AUTH_BIND", None),
            ("PATH", None),
        ] {
            assert_eq!(meant(name, &known), expected, "{name}");
        }
    }

    #[test]
    fn the_distance_is_the_number_of_changed_letters() {
        for (one, other, expected) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
