//! Tokens → [`Condition`], by recursive descent.

use super::{
    ast::{Condition, Function, Literal, Test},
    token::{Placed, Token, tokens},
};
use crate::{
    error::DomainError,
    predicate::{Comparison, Decimal, MAX_DEPTH, MAX_LENGTH, MAX_VALUES},
};

/// Why a text is no predicate.
enum Fault {
    /// Where it leaves the grammar, and what could have stood there.
    Syntax(usize, String),
    /// A name that nothing has.
    UnknownFunction(String),
}

type Parsed<T> = Result<T, Fault>;

/// Reads a predicate; names are not looked up yet, except those of functions.
///
/// # Errors
/// [`DomainError::PredicateSyntax`], [`DomainError::PredicateSemantics`] for an unknown function.
pub(super) fn parse(text: &str) -> Result<Condition, DomainError> {
    if text.len() > MAX_LENGTH {
        return Err(DomainError::PredicateSyntax {
            message: format!(
                "Malformed predicate: at most {MAX_LENGTH} bytes are allowed, found {}.",
                text.len()
            ),
        });
    }
    let tokens = tokens(text).map_err(|(at, expected)| report(text, at, expected))?;
    let mut parser = Parser {
        tokens: &tokens,
        next: 0,
        depth: 0,
        end: text.len(),
    };
    let whole = parser.predicate().and_then(|condition| {
        if parser.peek().is_some() {
            return Err(parser.fault("'and', 'or' or the end"));
        }
        Ok(condition)
    });
    whole.map_err(|fault| match fault {
        Fault::Syntax(at, expected) => report(text, at, &expected),
        Fault::UnknownFunction(name) => {
            let known: Vec<&str> = Function::ALL.iter().map(|(name, _)| *name).collect();
            DomainError::PredicateSemantics {
                message: format!(
                    "Malformed predicate: the function '{name}' does not exist, only {}.",
                    known.join(", ")
                ),
            }
        }
    })
}

fn report(text: &str, at: usize, expected: &str) -> DomainError {
    let before = text.get(..at).unwrap_or(text);
    DomainError::PredicateSyntax {
        message: format!(
            "Malformed predicate: syntax error at column {}: expected {expected}.",
            before.chars().count() + 1
        ),
    }
}

struct Parser<'t> {
    tokens: &'t [Placed],
    next: usize,
    depth: usize,
    end: usize,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn fault(&self, expected: &str) -> Fault {
        let at = self.tokens.get(self.next).map_or(self.end, |(at, _)| *at);
        Fault::Syntax(at, expected.to_owned())
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &Token, name: &str) -> Parsed<()> {
        if self.take(wanted) {
            Ok(())
        } else {
            Err(self.fault(name))
        }
    }

    fn keyword(&mut self, wanted: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.next += usize::from(found);
        found
    }

    fn predicate(&mut self) -> Parsed<Condition> {
        let mut parts = vec![self.and()?];
        while self.keyword("or") {
            parts.push(self.and()?);
        }
        Ok(sole(parts, Condition::Any))
    }

    fn and(&mut self) -> Parsed<Condition> {
        let mut parts = vec![self.unary()?];
        while self.keyword("and") {
            parts.push(self.unary()?);
        }
        Ok(sole(parts, Condition::All))
    }

    /// Guards against texts that would use up the stack.
    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(&format!("at most {MAX_DEPTH} levels of nesting")));
        }
        let found = inside(self)?;
        self.depth -= 1;
        Ok(found)
    }

    fn unary(&mut self) -> Parsed<Condition> {
        if self.keyword("not") {
            let inner = self.deeper(Self::unary)?;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.take(&Token::Open) {
            return self.deeper(Self::in_parentheses);
        }
        if let Some(literal) = self.literal() {
            return self.constant(literal);
        }
        let path = self.path()?;
        if self.take(&Token::Open) {
            let name = path.join(".");
            let function = Function::named(&name).ok_or(Fault::UnknownFunction(name))?;
            let inner = self.deeper(Self::in_parentheses)?;
            let test = self.test()?;
            return Ok(Condition::Lines(function, Box::new(inner), test));
        }
        Ok(Condition::Field(path, self.test()?))
    }

    /// A predicate whose opening parenthesis has been taken.
    fn in_parentheses(&mut self) -> Parsed<Condition> {
        let inner = self.predicate()?;
        self.expect(&Token::Close, "'and', 'or' or ')'")?;
        Ok(inner)
    }

    /// `true`, or two literals that are compared.
    fn constant(&mut self, left: Literal) -> Parsed<Condition> {
        if let Literal::Boolean(holds) = left
            && !matches!(self.peek(), Some(Token::Comparison(_)))
        {
            return Ok(Condition::Constant(holds));
        }
        let Some(Token::Comparison(comparison)) = self.peek() else {
            return Err(self.fault("a comparison"));
        };
        self.next += 1;
        let right = self.required_literal()?;
        let found = match (&left, &right) {
            (Literal::Number(one), Literal::Number(other)) => one.cmp(other),
            (Literal::Text(one), Literal::Text(other)) => one.cmp(other),
            (Literal::Boolean(one), Literal::Boolean(other)) => one.cmp(other),
            _ => return Err(self.fault("a value of the same type on both sides")),
        };
        Ok(Condition::Constant(fits(found, *comparison)))
    }

    fn path(&mut self) -> Parsed<Vec<String>> {
        let mut path = vec![self.name()?];
        while self.take(&Token::Dot) {
            path.push(self.name()?);
        }
        Ok(path)
    }

    fn name(&mut self) -> Parsed<String> {
        match self.peek() {
            Some(Token::Word(name) | Token::Quoted(name)) => {
                self.next += 1;
                Ok(name.clone())
            }
            _ => Err(self.fault("a field, a function, 'not' or '('")),
        }
    }

    fn test(&mut self) -> Parsed<Test> {
        if let Some(Token::Comparison(comparison)) = self.peek() {
            self.next += 1;
            return Ok(Test::Compare(*comparison, self.required_literal()?));
        }
        if self.keyword("is") {
            let negated = self.keyword("not");
            return match (self.keyword("empty"), self.keyword("defined")) {
                (true, _) => Ok(Test::Empty { negated }),
                (false, true) => Ok(Test::Defined { negated }),
                (false, false) => Err(self.fault("'empty' or 'defined'")),
            };
        }
        if self.keyword("contains") {
            let all = self.keyword("all");
            let values = if all || self.keyword("any") {
                self.literals()?
            } else {
                vec![self.required_literal()?]
            };
            return Ok(Test::Contains { all, values });
        }
        let negated = self.keyword("not");
        if self.keyword("in") {
            let values = self.literals()?;
            return Ok(Test::In { negated, values });
        }
        Err(self.fault("a comparison, 'in', 'not in', 'contains' or 'is'"))
    }

    fn literals(&mut self) -> Parsed<Vec<Literal>> {
        self.expect(&Token::Open, "'('")?;
        let mut values = vec![self.required_literal()?];
        while self.take(&Token::Comma) {
            if values.len() == MAX_VALUES {
                return Err(self.fault(&format!("at most {MAX_VALUES} values")));
            }
            values.push(self.required_literal()?);
        }
        self.expect(&Token::Close, "',' or ')'")?;
        Ok(values)
    }

    fn required_literal(&mut self) -> Parsed<Literal> {
        self.literal()
            .ok_or_else(|| self.fault("a string in double quotes, a number, true or false"))
    }

    fn literal(&mut self) -> Option<Literal> {
        let literal = match self.peek()? {
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Number(number) => Literal::Number(Decimal::parse(number)?),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Literal::Boolean(false),
            _ => return None,
        };
        self.next += 1;
        Some(literal)
    }
}

/// Whether what was found is what the comparison asks for.
pub(super) fn fits(found: std::cmp::Ordering, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => found.is_eq(),
        Comparison::NotEqual => found.is_ne(),
        Comparison::Less => found.is_lt(),
        Comparison::LessOrEqual => found.is_le(),
        Comparison::Greater => found.is_gt(),
        Comparison::GreaterOrEqual => found.is_ge(),
    }
}

fn sole(mut parts: Vec<Condition>, join: impl FnOnce(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    join(parts)
}
