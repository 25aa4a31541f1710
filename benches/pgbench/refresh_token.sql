-- What a refresh does: the token with its successor, the session, and the rotation in one statement.
-- Each client has one family, whose tokens are numbered; the first ones are stored before the run.
\set presented :family + :client_id * 10000000 + :generation
\set generation :generation + 1
\set successor :family + :client_id * 10000000 + :generation
BEGIN;
SELECT t.session_id, t.generation, t.state, t.first_used_at, t.successor_hash, t.successor_sealed, n.state AS next_state FROM refresh_tokens t LEFT JOIN refresh_tokens n ON n.hash = t.successor_hash WHERE t.hash = :presented || 'oxJbh8rV29tT9rDdbFXkhSWTB' \gset was_
SELECT sessions.id, sessions.project_key, sessions.anonymous_id, sessions.customer_id, sessions.client_id, sessions.store_key, sessions.scope, sessions.state, sessions.generation, sessions.idle_expires_at, sessions.absolute_expires_at FROM sessions WHERE (sessions.id = :was_session_id) LIMIT 1;
WITH presented AS (UPDATE refresh_tokens SET state = 'spent', first_used_at = :now, successor_hash = :successor || 'oxJbh8rV29tT9rDdbFXkhSWTB', successor_sealed = :sealed WHERE hash = :presented || 'oxJbh8rV29tT9rDdbFXkhSWTB' AND state = 'live' RETURNING session_id), touched AS (UPDATE sessions SET generation = :generation, last_used_at = :now, idle_expires_at = :expiry WHERE state = 'active' AND id = (SELECT session_id FROM presented) RETURNING id) INSERT INTO refresh_tokens (hash, session_id, generation, state, created_at) SELECT :successor || 'oxJbh8rV29tT9rDdbFXkhSWTB', id, :generation, 'live', :now FROM touched;
COMMIT;
