-- What changeLineItemQuantity does: session and cart, stock, the guarded write with a document of the same size.
\set row :first + :client_id * :each + random(0, :each - 1)
BEGIN;
SELECT d.id, d.version, d.body, d.modification_sequence, (SELECT c.version FROM catalog_versions c WHERE c.project_key = :project) AS catalog FROM sessions s LEFT JOIN documents d ON d.project_key = :project AND d.kind = 'cart' AND d.anonymous_id = :row AND d.customer_id IS NULL AND (d.expires_at IS NULL OR d.expires_at > :now) AND d.id = :row WHERE s.id = :row AND s.state IN ('active', 'expired', 'evicted') AND NOT EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = :jti) FOR SHARE OF s \gset was_
SELECT d.id, d.version, d.body, d.modification_sequence FROM documents d WHERE d.project_key = :project AND d.kind = 'inventory-entry' AND d.id = (SELECT u.document_id FROM unique_values u WHERE u.project_key = :project AND u.kind = 'inventory-entry' AND u.namespace = 'inventory' AND u.value = :stock);
\set next :was_version + 1
\set later :was_modification_sequence + 1
UPDATE documents SET version = :next, last_modified_at = :now, modification_sequence = :later, body = :was_body, expires_at = :expiry WHERE project_key = :project AND kind = 'cart' AND id = :row AND version = :was_version;
COMMIT;
