//! Predicate text → words, values and signs, each with its place.

use super::{
    ast::{Comparison, Value},
    parser::Fault,
};

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare name or keyword.
    Word(String),
    /// A name in backticks.
    Quoted(String),
    /// A string, number or variable; `true` and `false` come as words.
    Value(Value),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `=` and its kind.
    Comparison(Comparison),
}

/// A token and where it stands in the text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, Fault> {
    let mut scanner = Scanner { text, at: 0 };
    let mut found = Vec::new();
    while let Some(placed) = scanner.next()? {
        found.push(placed);
    }
    Ok(found)
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take_if(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn next(&mut self) -> Result<Option<Placed>, Fault> {
        self.take_while(char::is_whitespace);
        let start = self.at;
        let Some(first) = self.take() else {
            return Ok(None);
        };
        let token = match first {
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '=' => Token::Comparison(Comparison::Equal),
            '<' if self.take_if('=') => Token::Comparison(Comparison::LessOrEqual),
            '<' if self.take_if('>') => Token::Comparison(Comparison::NotEqual),
            '<' => Token::Comparison(Comparison::Less),
            '>' if self.take_if('=') => Token::Comparison(Comparison::GreaterOrEqual),
            '>' => Token::Comparison(Comparison::Greater),
            '!' if self.take_if('=') => Token::Comparison(Comparison::NotEqual),
            '"' => Token::Value(Value::Text(self.string(start)?)),
            '`' => Token::Quoted(self.quoted(start)?),
            ':' => Token::Value(Value::Variable(self.variable(start)?)),
            first if is_name(first) => self.word(start),
            _ => {
                return Err(Fault::at(
                    start,
                    "a field, a value, a comparison or a parenthesis",
                ));
            }
        };
        Ok(Some(Placed {
            token,
            start,
            end: self.at,
        }))
    }

    fn word(&mut self, start: usize) -> Token {
        self.take_while(is_name);
        let word = self.text.get(start..self.at).unwrap_or_default();
        let digits = word.strip_prefix('-').unwrap_or(word);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Token::Word(word.to_owned());
        }
        let whole = self.at;
        if self.take_if('.') && self.take_while(|c| c.is_ascii_digit()).is_empty() {
            self.at = whole;
        }
        let number = self.text.get(start..self.at).unwrap_or_default();
        Token::Value(Value::Number(number.to_owned()))
    }

    fn quoted(&mut self, start: usize) -> Result<String, Fault> {
        let name = self.take_while(|c| c != '`').to_owned();
        if self.take_if('`') {
            Ok(name)
        } else {
            Err(Fault::at(start, "a closing backtick"))
        }
    }

    fn variable(&mut self, start: usize) -> Result<String, Fault> {
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() {
            return Err(Fault::at(start, "the name of a variable after the colon"));
        }
        Ok(name.to_owned())
    }

    fn string(&mut self, start: usize) -> Result<String, Fault> {
        let mut value = String::new();
        loop {
            let place = self.at;
            match self.take() {
                None => return Err(Fault::at(start, "a closing double quote")),
                Some('"') => return Ok(value),
                Some('\\') => value.push(self.escape(place)?),
                // Neither database can hold it in text, so nothing stored can equal it.
                Some('\0') => return Err(Fault::at(place, "a character other than U+0000")),
                Some(character) => value.push(character),
            }
        }
    }

    fn escape(&mut self, place: usize) -> Result<char, Fault> {
        let unknown = || Fault::at(place, "one of the escapes \\\" \\\\ \\n \\r \\t \\uXXXX");
        Ok(match self.take().ok_or_else(unknown)? {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.unicode().filter(|c| *c != '\0').ok_or_else(unknown)?,
            _ => return Err(unknown()),
        })
    }

    /// The character of `\uXXXX`, or of two of them where they are a surrogate pair.
    fn unicode(&mut self) -> Option<char> {
        let high = self.hex()?;
        if !(0xD800..0xDC00).contains(&high) {
            return char::from_u32(high);
        }
        if !(self.take_if('\\') && self.take_if('u')) {
            return None;
        }
        let low = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + (high - 0xD800) * 0x400 + low)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

pub(super) fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '-'
}
