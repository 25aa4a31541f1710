ALTER TABLE sessions DROP COLUMN key_thumbprint;
DROP TABLE server_secrets;
DROP TABLE dpop_proofs;
