ALTER TABLE api_clients DROP COLUMN allowed_origins;
