-- The executions whose events go to a FlyteAdmin. A row begins with the execution's first published step, and is deleted
-- when FlyteAdmin has answered the execution's last event.
create table flyteadmin_execution (
  execution_number bigint      primary key references execution (number) on delete cascade,
  -- the last step of the journal all of whose events FlyteAdmin has answered
  sent_through     bigint      not null default 0,
  -- how many events of the next step FlyteAdmin has answered
  sent_events      integer     not null default 0,
  -- no node sends before: while another one sends, until its lease ends; after failures, until the pause ends
  due              timestamptz not null default '-infinity',
  -- the sender that has the lease; null while none has
  sender           uuid,
  -- the failures since the last answer
  failures         integer     not null default 0
);
