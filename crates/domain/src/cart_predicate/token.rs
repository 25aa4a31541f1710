//! The text of a cart predicate → words, values and signs.

use crate::predicate::Comparison;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare name or keyword.
    Word(String),
    /// A name in backticks.
    Quoted(String),
    /// A string in double quotes.
    Text(String),
    /// A number as written.
    Number(String),
    Dot,
    Open,
    Close,
    Comma,
    Comparison(Comparison),
}

/// A token and the byte where it begins.
pub(super) type Placed = (usize, Token);

/// All tokens, or the place of what is none and what could have stood there.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, (usize, &'static str)> {
    let mut scanner = Scanner { text, at: 0 };
    let mut found = Vec::new();
    loop {
        scanner.take_while(char::is_whitespace);
        let start = scanner.at;
        let Some(first) = scanner.take() else {
            return Ok(found);
        };
        found.push((start, scanner.token(start, first)?));
    }
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

    fn since(&self, start: usize) -> String {
        self.text.get(start..self.at).unwrap_or_default().to_owned()
    }

    fn token(&mut self, start: usize, first: char) -> Result<Token, (usize, &'static str)> {
        Ok(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '.' => Token::Dot,
            '=' => Token::Comparison(Comparison::Equal),
            '<' if self.take_if('=') => Token::Comparison(Comparison::LessOrEqual),
            '<' if self.take_if('>') => Token::Comparison(Comparison::NotEqual),
            '<' => Token::Comparison(Comparison::Less),
            '>' if self.take_if('=') => Token::Comparison(Comparison::GreaterOrEqual),
            '>' => Token::Comparison(Comparison::Greater),
            '!' if self.take_if('=') => Token::Comparison(Comparison::NotEqual),
            '"' => self.string(start)?,
            '`' => {
                let name = self.take_while(|c| c != '`').to_owned();
                if name.is_empty() || !self.take_if('`') {
                    return Err((start, "a name in backticks"));
                }
                Token::Quoted(name)
            }
            '-' | '0'..='9' => self.number(start, first)?,
            first if first.is_ascii_alphabetic() || first == '_' => {
                self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
                Token::Word(self.since(start))
            }
            _ => return Err((start, "a name, a value or a parenthesis")),
        })
    }

    fn number(&mut self, start: usize, first: char) -> Result<Token, (usize, &'static str)> {
        let whole = self.take_while(|c| c.is_ascii_digit());
        if whole.is_empty() && first == '-' {
            return Err((start, "a number"));
        }
        if self.take_if('.') && self.take_while(|c| c.is_ascii_digit()).is_empty() {
            return Err((start, "a number with digits after the point"));
        }
        Ok(Token::Number(self.since(start)))
    }

    fn string(&mut self, start: usize) -> Result<Token, (usize, &'static str)> {
        let mut value = String::new();
        loop {
            match self.take() {
                None => return Err((start, "a closing double quote")),
                Some('"') => return Ok(Token::Text(value)),
                Some('\\') => match self.take() {
                    Some(escaped @ ('"' | '\\')) => value.push(escaped),
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    _ => return Err((self.at, "one of the escapes \\\" \\\\ \\n \\t")),
                },
                Some(character) => value.push(character),
            }
        }
    }
}
