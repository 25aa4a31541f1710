ALTER TABLE api_clients DROP COLUMN redirect_uris;
ALTER TABLE api_clients DROP COLUMN is_public;
