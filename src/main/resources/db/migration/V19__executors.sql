-- Tasks that run as processes of machines. An attempt waits here until an executor takes it, and stays, without its
-- request, until its execution is deleted: the row says where the logs are, and refuses an owner that comes too late.

-- An executor is a process that runs tasks on its machine. It has a row for its data folder; the row stays when the process ends.
create table executor (
  -- the identity of the data folder, which holds the processes' files and the logs
  node        text        primary key,
  -- Each start, and each loss of the lease, begins a new session. Attempts are leased to a session.
  session     bigint      not null default 1,
  -- of the API of that process, as http://host:port
  address     text        not null,
  -- Until then the session's attempts belong to it, by this database's clock. It never holds them again afterwards.
  lease_until timestamptz not null
);

create table attempt (
  execution_number bigint      not null references execution (number) on delete cascade,
  -- unique within the execution, stable: io.turboprop.plugin.TaskContext.generatedName
  name             text        not null,
  -- the node in the tree of graphs
  path             text        not null,
  -- the id of the task plugin that runs it
  plugin           text        not null,
  -- 0 queued; 1 leased to an executor; 2 ended; 3 finished: its end is recorded in the journal
  state            smallint    not null default 0,
  -- An eager task mostly waits, and needs no slot.
  eager            boolean     not null,
  -- The order of queued attempts: the earliest due first, then by the position in the graph.
  due_by           timestamptz not null,
  position         int         not null,
  -- what the executor has to know: turboprop.executor.v1.AttemptRequest; null when finished
  request          bytea,
  abort_requested  boolean     not null default false,
  -- the executor that has taken it, also after the end; null before
  executor         text references executor (node),
  session          bigint,
  -- the last status that the executor has recorded: turboprop.executor.v1.StoredTransition. An ended attempt whose status is
  -- not an end was aborted, or its executor was lost.
  transition       bytea,
  -- the last change of state or status
  changed_at       timestamptz not null default clock_timestamp(),
  primary key (execution_number, name)
);

create index attempt_queued on attempt (plugin, eager, due_by, position, execution_number) where state = 0;
create index attempt_leased on attempt (executor) where state = 1;
-- What owners may not have seen, and what owners have left.
create index attempt_changed on attempt (changed_at) where state in (0, 1, 2);
