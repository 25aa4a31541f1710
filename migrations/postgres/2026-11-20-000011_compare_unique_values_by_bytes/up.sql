-- Stock of a sku is found by the prefix of its unique names: that needs the order of bytes, not that of a language.
ALTER TABLE unique_values
    ALTER COLUMN project_key TYPE TEXT COLLATE "C",
    ALTER COLUMN namespace TYPE TEXT COLLATE "C",
    ALTER COLUMN value TYPE TEXT COLLATE "C",
    ALTER COLUMN document_id TYPE TEXT COLLATE "C";
