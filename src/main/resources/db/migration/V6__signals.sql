-- What the gates of executions wait for, and what they were sent.
create table signal (
  -- the order of creation
  number           bigint generated always as identity unique,
  execution_number bigint      not null references execution (number) on delete cascade,
  signal_id        text        not null,
  -- flyteidl.core.LiteralType: what a value has to be castable to; never changed
  type             bytea       not null,
  -- flyteidl.core.Literal: what was sent last; null while nothing was
  value            bytea,
  -- The gates to be told when it is sent: where they stand in the tree of graphs, each once.
  waiting          text[]      not null default '{}',
  created_at       timestamptz not null default clock_timestamp(),
  updated_at       timestamptz not null default clock_timestamp(),
  primary key (execution_number, signal_id)
);

-- Whether something was stored for an execution while it was under way, of which it has perhaps not
-- heard yet: if it goes to sleep before its next step, it is woken at once.
alter table execution add column told boolean not null default false;
