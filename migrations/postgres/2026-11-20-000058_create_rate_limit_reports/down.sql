DROP TABLE rate_limit_reports;
