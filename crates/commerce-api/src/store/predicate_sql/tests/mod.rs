//! Both databases against the evaluator.

mod agreement;
mod examples;
mod generate;
mod scans;

use diesel::{RunQueryDsl as _, sql_types::Text};
use domain::{
    identity::ids::ProjectKey,
    kind::Kind,
    predicate::{Resolved, Sort, Variables, parse, resolve},
    timestamp::Timestamp,
};
use serde_json::Value;
use shared::db::{DbError, statement::Statement};
use testkit::TestDatabase;

use super::{compile, compile_in, order_by};

/// A database with some documents of one kind.
struct Stored {
    kind: Kind,
    test: TestDatabase,
    documents: Vec<Value>,
}

impl Stored {
    /// The documents in every database there is.
    fn everywhere(kind: Kind, documents: &[Value]) -> Vec<Self> {
        let stored = |test| {
            let stored = Self {
                kind,
                test,
                documents: documents.to_vec(),
            };
            stored.insert();
            stored
        };
        testkit::databases().into_iter().map(stored).collect()
    }

    fn insert(&self) {
        self.test
            .database
            .write_blocking::<_, DbError>(|tx| {
                for document in &self.documents {
                    row(self.kind, document).run(tx.connection())?;
                }
                Ok(())
            })
            .unwrap();
    }

    fn ids(&self, statement: Statement) -> Result<Vec<String>, String> {
        self.test
            .database
            .read_blocking::<_, DbError>(|tx| {
                let rows: Vec<(String,)> = statement.rows::<(Text,)>().load(tx.connection())?;
                Ok(rows.into_iter().map(|(id,)| id).collect())
            })
            .map_err(|error| error.to_string())
    }

    /// The ids of the documents that the database selects, in the order of ids.
    fn selected(&self, predicate: &Resolved) -> Result<Vec<String>, String> {
        let condition = compile(predicate, self.test.database.dialect());
        self.ids(
            Statement::new("SELECT d.id FROM documents d WHERE d.project_key = 'demo' AND (")
                .append(condition)
                .sql(") ORDER BY d.id"),
        )
    }

    /// As [`Self::selected`], with the look-up by unique values.
    fn looked_up(&self, predicate: &Resolved) -> Vec<String> {
        let project = ProjectKey::parse("demo").unwrap();
        let condition = compile_in(predicate, self.test.database.dialect(), &project);
        self.ids(
            Statement::new("SELECT d.id FROM documents d WHERE d.project_key = 'demo' AND (")
                .append(condition)
                .sql(")"),
        )
        .unwrap()
    }

    fn index(&self, namespace: &str, value: &str, id: &str) {
        let insert = Statement::new(
            "INSERT INTO unique_values (project_key, kind, namespace, value, document_id) VALUES ('demo', ",
        );
        let insert = insert
            .text(self.kind.type_id())
            .sql(", ")
            .text(namespace)
            .sql(", ")
            .text(value)
            .sql(", ")
            .text(id)
            .sql(")");
        self.test
            .database
            .write_blocking::<_, DbError>(|tx| Ok(insert.run(tx.connection())?))
            .unwrap();
    }

    fn sorted(&self, sorts: &[Sort]) -> Result<Vec<String>, String> {
        let order = order_by(sorts, self.test.database.dialect());
        self.ids(Statement::new("SELECT d.id FROM documents d ORDER BY ").append(order))
    }

    /// The ids of the documents that the evaluator selects, in the order of ids.
    fn expected(&self, predicate: &Resolved) -> Vec<String> {
        let holds = |document: &&Value| predicate.evaluate(document);
        let mut ids: Vec<String> = self.documents.iter().filter(holds).map(id).collect();
        ids.sort();
        ids
    }
}

fn id(document: &Value) -> String {
    document["id"].as_str().unwrap().to_owned()
}

fn resolved(kind: Kind, predicate: &str, variables: &Variables) -> Resolved {
    let parsed = parse(predicate).unwrap_or_else(|error| panic!("{predicate}: {error}"));
    resolve(&parsed, kind, variables).unwrap_or_else(|error| panic!("{predicate}: {error}"))
}

/// The row that a document is stored as.
fn row(kind: Kind, document: &Value) -> Statement {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    let millis = |pointer: &str| {
        text(pointer)
            .and_then(Timestamp::parse)
            .map_or(0, Timestamp::millis)
    };
    Statement::new(
        "INSERT INTO documents (project_key, kind, id, version, key, customer_id, anonymous_id, state, store_key, \
         created_at, last_modified_at, modification_sequence, body) VALUES ('demo', ",
    )
    .text(kind.type_id())
    .sql(", ")
    .text(id(document))
    .sql(", ")
    .big_int(document["version"].as_i64().unwrap_or(1))
    .sql(", ")
    .optional_text(text("/key"))
    .sql(", ")
    .optional_text(text("/customerId"))
    .sql(", ")
    .optional_text(text("/anonymousId"))
    .sql(", ")
    .optional_text(text("/cartState"))
    .sql(", ")
    .optional_text(text("/store/key"))
    .sql(", ")
    .big_int(millis("/createdAt"))
    .sql(", ")
    .big_int(millis("/lastModifiedAt"))
    .sql(", 0, ")
    .text(document.to_string())
    .sql(")")
}
