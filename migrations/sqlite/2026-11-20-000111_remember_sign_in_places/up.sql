-- From where accounts were signed in to, for limits: such a place has something of its own when strangers have used up what an
-- account bears. `account` and `place` are keyed hashes; `used_at`: epoch milliseconds. A few rows per account, for weeks.
CREATE TABLE known_sign_in_places (
    account  TEXT    NOT NULL,
    place    TEXT    NOT NULL,
    used_at  BIGINT  NOT NULL,
    PRIMARY KEY (account, place)
);
CREATE INDEX known_sign_in_places_by_use ON known_sign_in_places (used_at);
