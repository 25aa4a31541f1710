//! What to do about a database that cannot be opened: its own words say what is wrong, not what helps.

/// Parts of messages of SQLite and PostgreSQL, and what helps.
const ADVICE: [(&str, &str); 9] = [
    (
        "file is not a database",
        "it is damaged, or no SQLite file: restore a backup, or move it away and `migrate` makes a new one",
    ),
    (
        "database disk image is malformed",
        "it is damaged: restore a backup, or move it away and `migrate` makes a new one",
    ),
    (
        "unable to open",
        "its folder must exist and be writable for this user: make it with `mkdir -p`",
    ),
    (
        "readonly database",
        "the file and its folder must be writable for this user",
    ),
    (
        "authentication failed",
        "check user and password in DATABASE_URL",
    ),
    ("no password supplied", "DATABASE_URL must have a password"),
    (
        "could not translate host name",
        "check the host in DATABASE_URL",
    ),
    ("Connection refused", "check host and port in DATABASE_URL"),
    (
        "does not exist",
        "check user and database in DATABASE_URL; `createdb` makes a database",
    ),
];

/// The message of a connection that failed, and what helps.
pub(super) fn with_advice(message: &str) -> String {
    let message = message.trim_end();
    match ADVICE.iter().find(|(part, _)| message.contains(part)) {
        Some((_, advice)) => format!("{message} ({advice})"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::with_advice;

    #[test]
    fn a_failure_that_is_known_says_what_helps() {
        assert_eq!(
            with_advice("FATAL:  database \"shop\" does not exist\n"),
            "FATAL:  database \"shop\" does not exist (check user and database in DATABASE_URL; `createdb` makes a database)"
        );
        assert_eq!(with_advice("something else"), "something else");
    }
}
