-- Clients that run where no secret can be kept, and where clients may have authorization codes sent to (URIs separated by
-- spaces).
ALTER TABLE api_clients ADD COLUMN is_public BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE api_clients ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '';
