//! Tokens → [`Predicate`], by recursive descent.

use super::{
    MAX_DEPTH, MAX_LENGTH, MAX_VALUES,
    ast::{Predicate, Test, Value},
    token::{Placed, Token, is_name, tokens},
};
use crate::error::DomainError;

/// Where a text leaves the grammar, and what could have stood there.
#[derive(Debug)]
pub(super) struct Fault {
    at: usize,
    expected: String,
}

impl Fault {
    pub(super) fn at(at: usize, expected: impl Into<String>) -> Self {
        Self {
            at,
            expected: expected.into(),
        }
    }

    fn report(self, text: &str) -> DomainError {
        let (before, after) = text.split_at_checked(self.at).unwrap_or((text, ""));
        let column = before.chars().count() + 1;
        let found = if after.trim().is_empty() {
            "Unexpected end of input".to_owned()
        } else {
            format!("Unexpected '{}'", shortened(after.chars()))
        };
        let context: String = shortened(before.chars().rev()).chars().rev().collect();
        let place = if context.is_empty() {
            format!("column {column}")
        } else {
            format!("column {column}, after '{context}'")
        };
        malformed(&format!(
            "Syntax error while parsing 'where'. {found} at {place}: expected {}.",
            self.expected
        ))
    }
}

/// The first characters, enough to find the place in a long text.
fn shortened(characters: impl Iterator<Item = char>) -> String {
    const SHOWN: usize = 32;
    let mut characters = characters.peekable();
    let mut shown: String = characters.by_ref().take(SHOWN).collect();
    if characters.peek().is_some() {
        shown.push('…');
    }
    shown
}

pub(super) fn malformed(problem: &str) -> DomainError {
    DomainError::input(format!("Malformed parameter: where: {problem}"))
}

/// Reads the text of a `where` parameter.
///
/// # Errors
/// [`DomainError::InvalidInput`] when it is longer or nested deeper than allowed, or not of the grammar; the message
/// quotes the place.
pub fn parse(text: &str) -> Result<Predicate, DomainError> {
    if text.len() > MAX_LENGTH {
        return Err(malformed(&format!(
            "A predicate may have at most {MAX_LENGTH} bytes, found {}.",
            text.len()
        )));
    }
    parsed(text).map_err(|fault| fault.report(text))
}

fn parsed(text: &str) -> Result<Predicate, Fault> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens: &tokens,
        length: text.len(),
        next: 0,
        depth: 0,
    };
    let predicate = parser.predicate()?;
    if parser.peek().is_some() {
        return Err(parser.fault("'and', 'or' or the end"));
    }
    Ok(predicate)
}

struct Parser<'t> {
    tokens: &'t [Placed],
    length: usize,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|placed| &placed.token)
    }

    fn fault(&self, expected: &str) -> Fault {
        let start = |placed: &Placed| placed.start;
        Fault::at(
            self.tokens.get(self.next).map_or(self.length, start),
            expected,
        )
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.next += 1;
        }
        found
    }

    fn expect(&mut self, wanted: &Token, shown: &str) -> Result<(), Fault> {
        if self.take(wanted) {
            Ok(())
        } else {
            Err(self.fault(shown))
        }
    }

    fn keyword(&mut self, wanted: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        if found {
            self.next += 1;
        }
        found
    }

    fn predicate(&mut self) -> Result<Predicate, Fault> {
        let mut parts = vec![self.and()?];
        while self.keyword("or") {
            parts.push(self.and()?);
        }
        Ok(sole(parts, Predicate::Or))
    }

    fn and(&mut self) -> Result<Predicate, Fault> {
        let mut parts = vec![self.unary()?];
        while self.keyword("and") {
            parts.push(self.unary()?);
        }
        Ok(sole(parts, Predicate::And))
    }

    fn unary(&mut self) -> Result<Predicate, Fault> {
        if self.keyword("not") {
            self.expect(&Token::Open, "'(' after 'not'")?;
            return Ok(Predicate::Not(Box::new(self.inner()?)));
        }
        if self.take(&Token::Open) {
            return self.inner();
        }
        let field = self.field()?;
        if self.take(&Token::Open) {
            let inner = Box::new(self.inner()?);
            return Ok(Predicate::Nested { field, inner });
        }
        let test = self.test()?;
        Ok(Predicate::Term { field, test })
    }

    /// A predicate whose opening parenthesis has been taken.
    fn inner(&mut self) -> Result<Predicate, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(&format!("at most {MAX_DEPTH} nested parentheses")));
        }
        let predicate = self.predicate()?;
        self.expect(&Token::Close, "'and', 'or' or ')'")?;
        self.depth -= 1;
        Ok(predicate)
    }

    fn field(&mut self) -> Result<String, Fault> {
        let name = match self.peek() {
            Some(Token::Word(word)) if !is_connective(word) => word.clone(),
            Some(Token::Quoted(name)) => name.clone(),
            // A name may consist of digits.
            Some(Token::Value(Value::Number(name))) if name.chars().all(is_name) => name.clone(),
            _ => return Err(self.fault("a field, 'not' or '('")),
        };
        self.next += 1;
        Ok(name)
    }

    fn test(&mut self) -> Result<Test, Fault> {
        if let Some(Token::Comparison(comparison)) = self.peek() {
            let comparison = *comparison;
            self.next += 1;
            return Ok(Test::Compare(comparison, self.value()?));
        }
        if self.keyword("not") {
            if !self.keyword("in") {
                return Err(self.fault("'in'"));
            }
            return self.values().map(|values| Test::In {
                negated: true,
                values,
            });
        }
        if self.keyword("in") {
            return self.values().map(|values| Test::In {
                negated: false,
                values,
            });
        }
        if self.keyword("contains") {
            let all = self.keyword("all");
            if !all && !self.keyword("any") {
                return Err(self.fault("'all' or 'any'"));
            }
            return self.values().map(|values| Test::Contains { all, values });
        }
        if self.keyword("is") {
            return self.state();
        }
        if self.keyword("within") {
            return self.circle();
        }
        Err(self.fault("'(', a comparison, 'in', 'not in', 'contains', 'is' or 'within'"))
    }

    fn state(&mut self) -> Result<Test, Fault> {
        let negated = self.keyword("not");
        if self.keyword("empty") {
            Ok(Test::Empty { negated })
        } else if self.keyword("defined") {
            Ok(Test::Defined { negated })
        } else {
            Err(self.fault("'empty' or 'defined'"))
        }
    }

    fn circle(&mut self) -> Result<Test, Fault> {
        if !self.keyword("circle") {
            return Err(self.fault("'circle'"));
        }
        self.expect(&Token::Open, "'('")?;
        let longitude = self.value()?;
        self.expect(&Token::Comma, "','")?;
        let latitude = self.value()?;
        self.expect(&Token::Comma, "','")?;
        let radius = self.value()?;
        self.expect(&Token::Close, "')'")?;
        Ok(Test::WithinCircle(Box::new([longitude, latitude, radius])))
    }

    fn values(&mut self) -> Result<Vec<Value>, Fault> {
        if let Some(Token::Value(variable @ Value::Variable(_))) = self.peek() {
            let values = vec![variable.clone()];
            self.next += 1;
            return Ok(values);
        }
        self.expect(&Token::Open, "'(' or a variable")?;
        let mut values = vec![self.value()?];
        while self.take(&Token::Comma) {
            if values.len() == MAX_VALUES {
                return Err(self.fault(&format!("at most {MAX_VALUES} values")));
            }
            values.push(self.value()?);
        }
        self.expect(&Token::Close, "',' or ')'")?;
        Ok(values)
    }

    fn value(&mut self) -> Result<Value, Fault> {
        let value = match self.peek() {
            Some(Token::Value(value)) => value.clone(),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Value::Boolean(true),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Value::Boolean(false),
            _ => {
                return Err(
                    self.fault("a string in double quotes, a number, true, false or a variable")
                );
            }
        };
        self.next += 1;
        Ok(value)
    }
}

/// Whether a bare word would be read as joining two terms.
fn is_connective(word: &str) -> bool {
    ["and", "or", "not"]
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword))
}

fn sole(mut parts: Vec<Predicate>, join: impl FnOnce(Vec<Predicate>) -> Predicate) -> Predicate {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    join(parts)
}
