//! Where a value lies in a document, and the SQL that reads it.

use domain::predicate::Segment;
use shared::db::Dialect;

use super::writer::Writer;

/// The object that paths start at.
#[derive(Clone, Copy, Debug)]
pub(super) enum Base {
    /// The document: JSON text `d.body` on SQLite, `doc.j` on PostgreSQL.
    Document,
    /// The document where there is no `doc` around.
    Row,
    /// Column `j` of a sub-select, over the elements of an array say: JSON text or NULL on SQLite, jsonb on PostgreSQL.
    Element(usize),
}

/// A value, by the object it belongs to and the names down to it.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) base: Base,
    pub(super) path: &'p [Segment],
    /// A further step that the field table does not spell.
    pub(super) last: Option<&'static str>,
}

/// What JSON calls a type, in the words of each database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonType {
    Text,
    Number,
    Boolean,
    Array,
    Object,
}

impl<'p> Place<'p> {
    pub(super) const fn new(base: Base, path: &'p [Segment]) -> Self {
        Self {
            base,
            path,
            last: None,
        }
    }

    pub(super) const fn with(self, last: &'static str) -> Self {
        Self {
            last: Some(last),
            ..self
        }
    }

    fn base(self, writer: &mut Writer) {
        match self.base {
            Base::Document => writer.either("d.body", "doc.j"),
            Base::Row => writer.either("d.body", "CAST(d.body AS jsonb)"),
            Base::Element(alias) => writer.sql(&format!("e{alias}.j")),
        }
    }

    /// The path as SQLite writes it; bound if it has a client's words in it.
    fn sqlite_path(self, writer: &mut Writer) {
        let mut path = String::from("$");
        let mut bound = false;
        for segment in self.path {
            match segment {
                Segment::Known(name) => path.extend([".", name]),
                Segment::Named(name) => {
                    bound = true;
                    path.extend([".\"", name, "\""]);
                }
            }
        }
        path.push_str(self.last.unwrap_or_default());
        if bound {
            writer.text(path);
        } else {
            writer.sql("'");
            writer.sql(&path);
            writer.sql("'");
        }
    }

    fn sqlite_call(self, writer: &mut Writer, function: &str) {
        writer.sql(function);
        writer.sql("(");
        self.base(writer);
        writer.sql(", ");
        self.sqlite_path(writer);
        writer.sql(")");
    }

    /// The jsonb value on PostgreSQL.
    fn jsonb(self, writer: &mut Writer) {
        writer.sql("(");
        self.base(writer);
        for segment in self.path {
            writer.sql(" -> ");
            match segment {
                Segment::Known(name) => writer.sql(&format!("'{name}'")),
                Segment::Named(name) => writer.text(name.as_str()),
            }
        }
        if let Some(last) = self.last {
            for step in last.split(['.', '[', ']']).filter(|step| !step.is_empty()) {
                let index = step.bytes().all(|b| b.is_ascii_digit());
                writer.sql(&if index {
                    format!(" -> {step}")
                } else {
                    format!(" -> '{step}'")
                });
            }
        }
        writer.sql(")");
    }

    /// The name of the value's type, or NULL if there is no value.
    pub(super) fn type_name(self, writer: &mut Writer) {
        match writer.dialect {
            Dialect::Sqlite => self.sqlite_call(writer, "json_type"),
            Dialect::Postgres => {
                writer.sql("jsonb_typeof");
                self.jsonb(writer);
            }
        }
    }

    /// The value itself: a number or text on SQLite, text on PostgreSQL.
    pub(super) fn scalar(self, writer: &mut Writer) {
        match writer.dialect {
            Dialect::Sqlite => self.sqlite_call(writer, "json_extract"),
            Dialect::Postgres => {
                writer.sql("(");
                self.jsonb(writer);
                writer.sql(" #>> '{}')");
            }
        }
    }

    /// The number of elements of an array.
    pub(super) fn length(self, writer: &mut Writer) {
        match writer.dialect {
            Dialect::Sqlite => self.sqlite_call(writer, "json_array_length"),
            Dialect::Postgres => {
                writer.sql("jsonb_array_length");
                self.jsonb(writer);
            }
        }
    }

    /// The value as JSON: text on SQLite, jsonb on PostgreSQL.
    pub(super) fn json(self, writer: &mut Writer) {
        match writer.dialect {
            Dialect::Sqlite => {
                writer.sql("json(");
                self.base(writer);
                writer.sql(" -> ");
                self.sqlite_path(writer);
                writer.sql(")");
            }
            Dialect::Postgres => self.jsonb(writer),
        }
    }

    /// Rows of elements: of the array at this place; of nothing, or of the one value there, if it is no array.
    ///
    /// On SQLite the columns of `json_each`, on PostgreSQL one of jsonb.
    pub(super) fn elements(self, writer: &mut Writer, or_itself: bool) {
        writer.either("json_each(CASE WHEN ", "jsonb_array_elements(CASE WHEN ");
        self.type_name(writer);
        writer.sql(" = 'array' THEN ");
        self.json(writer);
        writer.sql(" ELSE ");
        if or_itself {
            writer.either("json_array(", "jsonb_build_array(");
            self.json(writer);
            writer.sql(")");
        } else {
            writer.either("'[]'", "CAST('[]' AS jsonb)");
        }
        writer.sql(" END)");
    }
}

impl JsonType {
    /// Writes the condition that a type name stands for this type.
    pub(super) fn is(self, writer: &mut Writer, type_name: &dyn Fn(&mut Writer)) {
        type_name(writer);
        match self {
            Self::Text => writer.either(" = 'text'", " = 'string'"),
            Self::Number => writer.either(" IN ('integer', 'real')", " = 'number'"),
            Self::Boolean => writer.either(" IN ('true', 'false')", " = 'boolean'"),
            Self::Array => writer.sql(" = 'array'"),
            Self::Object => writer.sql(" = 'object'"),
        }
    }
}
