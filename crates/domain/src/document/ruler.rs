//! Measures a document while it is written: a formatter of JSON that writes what any compact one does.

use std::io;

use serde_json::ser::{CharEscape, Formatter};

use super::{
    MAX_TEXT_BYTES,
    lists::{ListLimit, limit_of},
};
use crate::kind::Kind;

/// What there is too much of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// The document itself.
    Document {
        /// The most it may have.
        bytes: usize,
    },
    /// One text.
    Text {
        /// Where it is.
        place: String,
    },
    /// The elements of one list.
    List {
        /// What they are called, where they have a limit of their own.
        name: Option<&'static str>,
        /// Where the list is.
        place: String,
        /// The most it may have.
        limit: usize,
    },
}

/// What is written on; takes no more than it should.
pub(super) struct Paper {
    text: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl Paper {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            text: Vec::new(),
            limit,
            is_full: false,
        }
    }

    pub(super) fn excess(&self) -> Option<Excess> {
        self.is_full
            .then_some(Excess::Document { bytes: self.limit })
    }

    pub(super) fn text(self) -> Result<String, serde_json::Error> {
        String::from_utf8(self.text)
            .map_err(|error| serde_json::Error::io(io::Error::other(error.to_string())))
    }
}

impl io::Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.text.len().saturating_add(bytes.len()) > self.limit {
            self.is_full = true;
            return Err(stop());
        }
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Ends the writing; what was too much is kept beside it.
fn stop() -> io::Error {
    io::Error::other("too large")
}

/// An object or a list that has begun.
struct Level {
    /// Length of the path that leads here.
    path: usize,
    /// Elements so far, of a list.
    elements: usize,
    /// Most elements; lists only.
    limit: ListLimit,
}

/// Follows the writing: where it is, how long the text at hand is, how many elements the lists have.
pub(super) struct Ruler {
    kind: Kind,
    path: String,
    levels: Vec<Level>,
    is_in_name: bool,
    text: usize,
    max_text: usize,
    excess: Option<Excess>,
}

impl Ruler {
    pub(super) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            path: String::new(),
            levels: Vec::new(),
            is_in_name: false,
            text: 0,
            max_text: match kind {
                Kind::CustomObject => usize::MAX,
                _ => MAX_TEXT_BYTES,
            },
            excess: None,
        }
    }

    pub(super) fn excess(&mut self) -> Option<Excess> {
        self.excess.take()
    }

    fn enter(&mut self, limit: ListLimit) {
        self.levels.push(Level {
            path: self.path.len(),
            elements: 0,
            limit,
        });
    }

    fn leave(&mut self) {
        if let Some(level) = self.levels.pop() {
            self.path.truncate(level.path);
        }
    }

    /// Counts a piece of the text or name at hand.
    fn measure(&mut self, bytes: usize) -> io::Result<()> {
        self.text = self.text.saturating_add(bytes);
        if self.text <= self.max_text {
            return Ok(());
        }
        self.excess = Some(Excess::Text {
            place: shown(&self.path),
        });
        Err(stop())
    }

    fn count_element(&mut self) -> io::Result<()> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        level.elements = level.elements.saturating_add(1);
        if level.elements <= level.limit.elements {
            return Ok(());
        }
        self.excess = Some(Excess::List {
            name: level.limit.name,
            limit: level.limit.elements,
            place: shown(&self.path),
        });
        Err(stop())
    }
}

/// A path that fits into an error, also where somebody made up long names.
fn shown(path: &str) -> String {
    const MOST: usize = 200;
    match path.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", path.get(..end).unwrap_or_default()),
        None => path.to_owned(),
    }
}

const NOT_A_LIST: ListLimit = ListLimit {
    name: None,
    elements: usize::MAX,
};

impl Formatter for &mut Ruler {
    fn begin_string<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.text = 0;
        writer.write_all(b"\"")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.measure(fragment.len())?;
        if self.is_in_name {
            self.path.push_str(fragment);
        }
        writer.write_all(fragment.as_bytes())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.measure(1)?;
        serde_json::ser::CompactFormatter.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let limit = limit_of(self.kind, &self.path);
        self.enter(limit);
        writer.write_all(b"[")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.count_element()?;
        if first {
            Ok(())
        } else {
            writer.write_all(b",")
        }
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.leave();
        writer.write_all(b"]")
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.enter(NOT_A_LIST);
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        let here = self.levels.last().map_or(0, |level| level.path);
        self.path.truncate(here);
        if here > 0 {
            self.path.push('.');
        }
        self.is_in_name = true;
        if first {
            Ok(())
        } else {
            writer.write_all(b",")
        }
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.is_in_name = false;
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.leave();
        writer.write_all(b"}")
    }
}
