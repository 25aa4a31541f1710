-- The customer to whom everything of the guest went: nothing new may carry the id, nobody could reach it.
ALTER TABLE anonymous_ids ADD COLUMN customer_id TEXT;
