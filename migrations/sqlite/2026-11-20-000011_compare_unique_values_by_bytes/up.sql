-- SQLite compares bytes anyway.
SELECT 1;
