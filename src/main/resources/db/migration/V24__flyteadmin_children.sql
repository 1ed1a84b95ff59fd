-- The executions that launch plan nodes have created through a FlyteAdmin, which are watched there until they end.
create table flyteadmin_child (
  project        text        not null,
  domain         text        not null,
  name           text        not null,
  -- the node, and its attempt (from 0), that wait for the end
  parent_number  bigint      not null references execution (number) on delete cascade,
  parent_node_id text        not null,
  parent_path    text        not null,
  parent_attempt integer     not null,
  -- whether FlyteAdmin has said that it has ended, or does not exist any more
  ended          boolean     not null default false,
  -- when FlyteAdmin is asked next
  look_at        timestamptz not null default clock_timestamp(),
  primary key (project, domain, name)
);
create index flyteadmin_child_open on flyteadmin_child (look_at) where not ended;
create index flyteadmin_child_of_parent on flyteadmin_child (parent_number);

create or replace view unseen (execution_number, path) as
  select number, null::text from execution where phase = 9 and not final
  union all
  -- the end of an execution that a node has started and waits for
  select child.parent_number, child.parent_path
  from execution as child join node_execution as node
    on node.execution_number = child.parent_number and node.node_id = child.parent_node_id
  where child.final and child.parent_path is not null
    and node.attempt = child.parent_attempt and node.ended_at is null
  union all
  -- the same of an execution that runs elsewhere
  select child.parent_number, child.parent_path
  from flyteadmin_child as child join node_execution as node
    on node.execution_number = child.parent_number and node.node_id = child.parent_node_id
  where child.ended and node.attempt = child.parent_attempt and node.ended_at is null
  union all
  -- a value that was sent to a gate
  select signal.execution_number, gate.path
  from signal cross join lateral unnest(signal.waiting) as gate (path) join node_execution as node
    on node.execution_number = signal.execution_number and node.path = gate.path
  where signal.value is not null and signal.waiting <> '{}' and node.ended_at is null;
