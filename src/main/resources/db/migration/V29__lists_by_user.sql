-- The executions of one user, newest first. Without a log-in executions have no user, and cost nothing here.
--
-- The index is built outside of a transaction (see the file .conf beside this one), while engines of the version before go
-- on writing. It waits until the transactions end that run now, and no statement waits behind it, so it may wait for long.
-- An attempt that was cut off leaves an invalid index, which is dropped.
set lock_timeout = 0;
drop index concurrently if exists execution_of_user;
create index concurrently execution_of_user on execution (project, domain, principal, accepted_at, number) where principal <> '';
set lock_timeout = '2s';
