-- Empty but for the moment in which readiness finds out whether the database keeps what it is given.
CREATE TABLE write_trials (
    id TEXT NOT NULL PRIMARY KEY,
    filler TEXT NOT NULL
);
