ALTER TABLE sessions DROP COLUMN authorized_by;
