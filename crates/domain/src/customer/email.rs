//! E-mail addresses of customers: which ones are taken, and which are the same.

use icu_casemap::CaseMapper;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};
use unicode_normalization::UnicodeNormalization as _;

use crate::error::DomainError;

/// The address as it is kept and shown: as it was typed, without white space around it.
///
/// What is an address is for the mail server to say. But it can be seen: two that look the same to everybody would be two
/// accounts otherwise.
///
/// # Errors
/// [`DomainError::InvalidField`] if nothing is left, or for a character that cannot be seen.
pub(super) fn accepted(email: &str) -> Result<String, DomainError> {
    let trimmed = email.trim();
    if trimmed.is_empty() {
        return Err(DomainError::field("email", email));
    }
    if trimmed.chars().any(is_invisible) {
        return Err(DomainError::field("email", made_visible(trimmed)));
    }
    Ok(trimmed.to_owned())
}

/// Controls, format characters, line and paragraph separators, and whatever else is to be displayed as nothing.
fn is_invisible(letter: char) -> bool {
    const BRAILLE_PATTERN_BLANK: char = '\u{2800}';
    let category = CodePointMapData::<GeneralCategory>::new().get(letter);
    matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    ) || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(letter)
        || letter == BRAILLE_PATTERN_BLANK
}

fn made_visible(email: &str) -> String {
    let mut shown = String::new();
    for letter in email.chars() {
        if is_invisible(letter) {
            shown.push_str(&format!("<U+{:04X}>", u32::from(letter)));
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// The form in which addresses are compared: without white space around, compatibility characters replaced (NFKC), and
/// case folded.
///
/// Folding is Unicode's simple one: `ẞ` is `ß`, but `ß` is not `ss`, for `straße.example` and `strasse.example` are two
/// domains. Before it everything is put in lower case, which makes `İ` an `i` with a dot, as domains do, and not an `i`.
pub(super) fn compared(email: &str) -> String {
    if email.is_ascii() {
        return email.trim().to_ascii_lowercase();
    }
    // What was folded may compose anew, and then fold further.
    let folded = folded(&folded(email.trim()));
    // Some characters become a space and another one.
    folded.trim().to_owned()
}

fn folded(text: &str) -> String {
    let case = CaseMapper::new();
    text.nfkc()
        .flat_map(char::to_lowercase)
        .map(|letter| case.simple_fold(letter))
        .nfkc()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{accepted, compared};
    use crate::error::DomainError;

    #[test]
    fn an_address_is_kept_as_typed_without_white_space_around_it() {
        for typed in [
            "Jörg@Straße.example",
            " Jörg@Straße.example",
            "Jörg@Straße.example\r\n",
            "\u{a0}\t\u{3000}Jörg@Straße.example\u{2028}",
        ] {
            assert_eq!(accepted(typed).unwrap(), "Jörg@Straße.example", "{typed:?}");
        }
        // Odd, but it can be seen.
        for odd in [
            "not an address",
            "\"a b\"@x",
            "用户@例え.jp",
            "👍@x",
            "e\u{301}@x",
        ] {
            assert_eq!(accepted(odd).unwrap(), odd);
        }
    }

    #[test]
    fn a_character_that_cannot_be_seen_is_refused_and_shown() {
        for (typed, shown) in [
            ("a@x\u{200b}", "a@x<U+200B>"),
            ("a\0@x", "a<U+0000>@x"),
            ("a\nb@x", "a<U+000A>b@x"),
            ("\u{feff}a@x", "<U+FEFF>a@x"),
            ("a\u{ad}@x", "a<U+00AD>@x"),
            ("a\u{202e}@x", "a<U+202E>@x"),
            ("a\u{2066}@x", "a<U+2066>@x"),
            ("a\u{2029}b@x", "a<U+2029>b@x"),
            ("a\u{3164}@x", "a<U+3164>@x"),
            ("a\u{ffa0}@x", "a<U+FFA0>@x"),
            ("a\u{fe0f}@x", "a<U+FE0F>@x"),
            ("a\u{e0061}@x", "a<U+E0061>@x"),
            ("a\u{2800}@x", "a<U+2800>@x"),
            ("a\u{85}b@x", "a<U+0085>b@x"),
            (" \n\t", " \n\t"),
            ("", ""),
        ] {
            let refused = accepted(typed).unwrap_err();
            let DomainError::InvalidField { field, value, .. } = refused else {
                panic!("{refused:?}");
            };
            assert_eq!((field.as_str(), value.as_str()), ("email", Some(shown)));
        }
    }

    #[test]
    fn one_address_has_one_form() {
        for (form, spellings) in [
            (
                "a@x",
                &["a@x", " A@X", "a@x\n", "ａ＠Ｘ", "\u{3000}a@x"][..],
            ),
            (
                "kelvin@x",
                &["Kelvin@x", "\u{212a}elvin@x", "ｋｅｌｖｉｎ@x"],
            ),
            ("straße@x", &["STRAẞE@X", "straße@x"]),
            ("νικοσ@x", &["ΝΙΚΟΣ@X", "νικος@x", "νικοσ@x"]),
            ("jörg@x", &["JÖRG@x", "jo\u{308}rg@x", "JO\u{308}RG@x"]),
            ("i\u{307}@x", &["İ@x", "i\u{307}@X", "I\u{307}@x"]),
            ("office@x", &["oﬃce@x", "OFFICE@x"]),
        ] {
            for spelling in spellings {
                assert_eq!(compared(spelling), form, "{spelling:?}");
            }
        }
    }

    #[test]
    fn addresses_of_different_domains_stay_apart() {
        for (one, other) in [
            ("a@strasse.example", "a@straße.example"),
            ("a@istanbul.example", "a@İstanbul.example"),
            ("a@istanbul.example", "a@ıstanbul.example"),
            ("a@x.example", "a@х.example"),
            ("jorg@x", "jörg@x"),
        ] {
            assert_ne!(compared(one), compared(other), "{one} {other}");
        }
    }

    #[test]
    fn every_letter_is_compared_as_its_lower_case_is() {
        let letters = ('\0'..=char::MAX).filter(|letter| !letter.to_lowercase().eq([*letter]));
        for letter in letters {
            let [typed, lower] = [letter.to_string(), letter.to_lowercase().collect()]
                .map(|letter: String| compared(&format!("a{letter}b@x")));
            assert_eq!(typed, lower, "{letter:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(email in "\\PC{0,40}") {
            let form = compared(&email);
            proptest::prop_assert_eq!(compared(&form), form);
        }
    }
}
