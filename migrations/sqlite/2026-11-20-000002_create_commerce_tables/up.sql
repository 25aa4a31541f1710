-- Tables the commerce API owns. A resource is one JSON document plus the columns it is found by.
-- `modification_sequence` orders changes that fall into the same millisecond (epoch microseconds, strictly growing).
CREATE TABLE documents (
    project_key            TEXT    NOT NULL,
    kind                   TEXT    NOT NULL,
    id                     TEXT    NOT NULL,
    version                BIGINT  NOT NULL,
    key                    TEXT,
    customer_id            TEXT,
    anonymous_id           TEXT,
    state                  TEXT,
    store_key              TEXT,
    created_at             BIGINT  NOT NULL,
    last_modified_at       BIGINT  NOT NULL,
    modification_sequence  BIGINT  NOT NULL,
    expires_at             BIGINT,
    body                   TEXT    NOT NULL,
    PRIMARY KEY (project_key, kind, id)
);
CREATE UNIQUE INDEX documents_by_key ON documents (project_key, kind, key) WHERE key IS NOT NULL;
CREATE INDEX documents_by_customer ON documents (project_key, kind, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX documents_by_anonymous_id ON documents (project_key, kind, anonymous_id) WHERE anonymous_id IS NOT NULL;
CREATE INDEX documents_by_creation ON documents (project_key, kind, created_at, id);

-- Values only one resource of a project may have; also the look-up path by them.
CREATE TABLE unique_values (
    project_key  TEXT  NOT NULL,
    namespace    TEXT  NOT NULL,
    value        TEXT  NOT NULL,
    kind         TEXT  NOT NULL,
    document_id  TEXT  NOT NULL,
    PRIMARY KEY (project_key, namespace, value)
);
CREATE INDEX unique_values_by_document ON unique_values (project_key, document_id);

-- The message log. `sequence_number` counts per resource, from 1, without gaps.
CREATE TABLE messages (
    project_key       TEXT    NOT NULL,
    id                TEXT    NOT NULL,
    resource_kind     TEXT    NOT NULL,
    resource_id       TEXT    NOT NULL,
    sequence_number   BIGINT  NOT NULL,
    created_at        BIGINT  NOT NULL,
    body              TEXT    NOT NULL,
    PRIMARY KEY (project_key, resource_id, sequence_number)
);
CREATE UNIQUE INDEX messages_by_id ON messages (project_key, id);
CREATE INDEX messages_by_creation ON messages (project_key, created_at, id);

-- Moves whenever reference data of a project changes: carts check it before they trust cached data.
CREATE TABLE catalog_versions (
    project_key  TEXT    NOT NULL PRIMARY KEY,
    version      BIGINT  NOT NULL
);

-- Password hashes live apart from the documents that go out. Written by the commerce API, read by the auth server.
CREATE TABLE customer_credentials (
    project_key    TEXT    NOT NULL,
    customer_id    TEXT    NOT NULL,
    password_hash  TEXT    NOT NULL,
    changed_at     BIGINT  NOT NULL,
    PRIMARY KEY (project_key, customer_id)
);

-- One-time tokens for e-mail verification and password reset. `purpose`: email, password.
CREATE TABLE customer_tokens (
    hash         TEXT    NOT NULL PRIMARY KEY,
    project_key  TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    customer_id  TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL
);
CREATE INDEX customer_tokens_by_customer ON customer_tokens (project_key, customer_id);

-- Readable columns for operators.
CREATE VIEW carts AS
SELECT project_key, id, version, key, customer_id, anonymous_id, state AS cart_state, store_key,
       json_extract(body, '$.totalPrice.currencyCode') AS currency,
       json_extract(body, '$.totalPrice.centAmount') AS total_cent_amount,
       created_at, last_modified_at, expires_at, body
FROM documents WHERE kind = 'cart';
CREATE VIEW orders AS
SELECT project_key, id, version, json_extract(body, '$.orderNumber') AS order_number, customer_id, anonymous_id,
       state AS order_state, store_key,
       json_extract(body, '$.totalPrice.currencyCode') AS currency,
       json_extract(body, '$.totalPrice.centAmount') AS total_cent_amount,
       created_at, last_modified_at, body
FROM documents WHERE kind = 'order';
CREATE VIEW customers AS
SELECT project_key, id, version, key, json_extract(body, '$.email') AS email,
       json_extract(body, '$.customerNumber') AS customer_number,
       created_at, last_modified_at, body
FROM documents WHERE kind = 'customer';

-- SQLite plans by statistics. Without any it would walk a whole kind in order of creation instead of taking the few rows of
-- an owner; these say what the shape of the data will be.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('documents', 'sqlite_autoindex_documents_1', '1000000 1000000 100000 1'),
    ('documents', 'documents_by_key', '1000000 1000000 100000 1'),
    ('documents', 'documents_by_customer', '1000000 1000000 100000 10'),
    ('documents', 'documents_by_anonymous_id', '1000000 1000000 100000 2'),
    ('documents', 'documents_by_creation', '1000000 1000000 100000 1 1'),
    ('unique_values', 'sqlite_autoindex_unique_values_1', '1000000 1000000 100000 1'),
    ('unique_values', 'unique_values_by_document', '1000000 1000000 2');
