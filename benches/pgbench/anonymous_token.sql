-- What a new guest writes: the session with its anonymous id, and the first refresh token, in one statement.
-- Random numbers stand for random ids, padded to the length of ours.
\set session random(1000000000000000000, 9000000000000000000)
\set guest random(1000000000000000000, 9000000000000000000)
\set token random(1000000000000000000, 9000000000000000000)
BEGIN;
WITH started AS (INSERT INTO sessions (id, project_key, anonymous_id, customer_id, client_id, store_key, scope, state, generation, created_at, last_used_at, idle_expires_at, absolute_expires_at) SELECT '01a1f8a9-b907-77' || :session, :project, '01a1f8a9-b907-78' || :guest, NULL, c.id, NULL, :scope, 'active', 0, :now, :now, :expiry, NULL FROM api_clients c WHERE c.id = :client RETURNING id) INSERT INTO refresh_tokens (hash, session_id, generation, state, created_at) SELECT :token || 'oxJbh8rV29tT9rDdbFXkhSWT', id, 0, 'live', :now FROM started;
COMMIT;
