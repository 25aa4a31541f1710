-- What instances let through, for each other: limits hold for all of them together. Kept for minutes.
-- `number`: the time in epoch milliseconds, or more where two reports fell together; commits are in this order.
-- `counts`: JSON, { bucket: { keyed hash of the subject: requests } }.
CREATE TABLE rate_limit_reports (
    number    BIGINT  NOT NULL PRIMARY KEY,
    reporter  TEXT    NOT NULL,
    counts    TEXT    NOT NULL
);
