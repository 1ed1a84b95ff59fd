-- The executions that repeat another one or reuse its results, until they end: so long the retention keeps the other one.
-- Built outside of a transaction, as the index of V29 is.
set lock_timeout = 0;
drop index concurrently if exists execution_source;
create index concurrently execution_source on execution (source_number) where source_number is not null and not final;
set lock_timeout = '2s';
