-- The session whose token let this one in by an authorization code: such a session lets nobody else in.
ALTER TABLE sessions ADD COLUMN authorized_by TEXT;
UPDATE sessions SET authorized_by =
  (SELECT max(c.authorized_by) FROM authorization_codes c WHERE c.session_id = sessions.id)
WHERE id IN (SELECT session_id FROM authorization_codes WHERE session_id IS NOT NULL);
