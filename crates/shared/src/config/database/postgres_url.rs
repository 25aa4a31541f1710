//! What a PostgreSQL URL is completed with.

/// Notice within seconds that a host has vanished: while connecting; when nobody acknowledges what was sent (in
/// milliseconds); while waiting for an answer, by probes.
const TIME_OUTS: &[(&str, &str)] = &[
    ("connect_timeout", "5"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
];

/// The URL with time-outs for hosts that vanish; those that it has itself stay.
pub(crate) fn with_time_outs(url: &str) -> String {
    let query = query(url);
    let is_said = |name: &str| {
        query.is_some_and(|query| {
            query
                .split('&')
                .any(|pair| pair.split('=').next() == Some(name))
        })
    };
    let mut text = url.to_owned();
    let mut separator = match query {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    for (name, value) in TIME_OUTS.iter().filter(|(name, _)| !is_said(name)) {
        text.push_str(separator);
        text.push_str(name);
        text.push('=');
        text.push_str(value);
        separator = "&";
    }
    text
}

/// What comes after the `?`. Before the `@`, libpq takes one for a part of the password.
fn query(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    let place = authority
        .split_once('@')
        .and_then(|(credentials, _)| rest.get(credentials.len()..))
        .unwrap_or(rest);
    place.split_once('?').map(|(_, query)| query)
}

#[cfg(test)]
mod tests {
    use super::with_time_outs;

    const ALL: &str = "connect_timeout=5&tcp_user_timeout=10000&keepalives_idle=5&keepalives_interval=2&\
                       keepalives_count=3";

    #[test]
    fn a_url_gets_time_outs() {
        assert_eq!(
            with_time_outs("postgres://shop@db/shop"),
            format!("postgres://shop@db/shop?{ALL}")
        );
        assert_eq!(
            with_time_outs("postgres://shop@db/shop?sslmode=require"),
            format!("postgres://shop@db/shop?sslmode=require&{ALL}")
        );
        assert_eq!(
            with_time_outs("postgres://db/shop?"),
            format!("postgres://db/shop?{ALL}")
        );
    }

    #[test]
    fn what_the_url_says_itself_stays() {
        assert_eq!(
            with_time_outs("postgres://db/shop?connect_timeout=30&tcp_user_timeout=0"),
            "postgres://db/shop?connect_timeout=30&tcp_user_timeout=0&keepalives_idle=5&\
             keepalives_interval=2&keepalives_count=3"
        );
    }

    #[test]
    fn a_question_mark_in_the_password_begins_no_query() {
        assert_eq!(
            with_time_outs("postgres://shop:why?@db/shop"),
            format!("postgres://shop:why?@db/shop?{ALL}")
        );
    }
}
