-- Thumbprint of the key that a device's refresh tokens are bound to, where they are.
ALTER TABLE session_families ADD COLUMN key_thumbprint TEXT;
