-- Empty but for the moment in which readiness finds out whether the database keeps what it is given.
CREATE TABLE write_trials (
    id TEXT NOT NULL PRIMARY KEY,
    filler TEXT NOT NULL
);
-- Not compressed: it is meant to need room.
ALTER TABLE write_trials ALTER COLUMN filler SET STORAGE EXTERNAL;
