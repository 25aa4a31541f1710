UPDATE unique_values SET namespace = 'customer-email:global' WHERE namespace = 'customer-email:*';
