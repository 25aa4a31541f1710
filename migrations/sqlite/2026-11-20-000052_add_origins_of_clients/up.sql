-- Origins, separated by spaces, whose pages may use the client; NULL is any.
ALTER TABLE api_clients ADD COLUMN allowed_origins TEXT;
