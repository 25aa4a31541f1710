-- What GET /me/carts/{id} asks: is the session alive, and the cart, in one query.
-- Rows are numbered; each client has a range of its own, as each connection has its own carts.
\set row :first + :client_id * :each + random(0, :each - 1)
SELECT d.body FROM sessions s LEFT JOIN documents d ON d.project_key = :project AND d.kind = 'cart' AND d.anonymous_id = :row AND d.customer_id IS NULL AND (d.expires_at IS NULL OR d.expires_at > :now) AND d.id = :row WHERE s.id = :row AND s.state IN ('active', 'expired', 'evicted') AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = :jti);
