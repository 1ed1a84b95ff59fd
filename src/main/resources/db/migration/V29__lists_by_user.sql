-- The executions of one user, newest first. Without a log-in executions have no user, and cost nothing here.
create index execution_of_user on execution (project, domain, principal, accepted_at, number) where principal <> '';
