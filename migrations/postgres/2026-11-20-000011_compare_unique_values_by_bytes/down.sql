ALTER TABLE unique_values
    ALTER COLUMN project_key TYPE TEXT COLLATE "default",
    ALTER COLUMN namespace TYPE TEXT COLLATE "default",
    ALTER COLUMN value TYPE TEXT COLLATE "default",
    ALTER COLUMN document_id TYPE TEXT COLLATE "default";
