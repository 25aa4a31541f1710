-- Without its column a bound device would pass for one that is bound to nothing.
UPDATE session_families SET closed_at = last_used_at WHERE closed_at IS NULL AND key_thumbprint IS NOT NULL;
ALTER TABLE session_families DROP COLUMN key_thumbprint;
