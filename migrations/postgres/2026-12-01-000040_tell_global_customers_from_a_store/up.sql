-- E-mail addresses of customers without a store had the namespace that a store with the key `global` has.
UPDATE unique_values SET namespace = 'customer-email:*'
WHERE namespace = 'customer-email:global' AND kind = 'customer'
  AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.project_key = unique_values.project_key AND d.kind = 'customer'
                  AND d.id = unique_values.document_id AND jsonb_array_length(COALESCE(d.body::jsonb -> 'stores', '[]')) > 0);
