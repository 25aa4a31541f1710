ALTER TABLE anonymous_ids DROP COLUMN customer_id;
