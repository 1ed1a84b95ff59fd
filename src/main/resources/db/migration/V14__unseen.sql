-- What executions have not yet seen: facts that others have stored for them. The row is the fact, and a message
-- only makes it quick: whatever an execution was not told is found here, when the execution is loaded, when it is
-- activated while it is in memory, and in the transaction that lays it to sleep.

-- path is the node that waits for the fact; null stands for a request to abort the execution itself.
create view unseen (execution_number, path) as
  select number, null::text from execution where phase = 9 and not final
  union all
  -- the end of an execution that a node has started and waits for
  select child.parent_number, child.parent_path
  from execution as child join node_execution as node
    on node.execution_number = child.parent_number and node.node_id = child.parent_node_id
  where child.final and child.parent_path is not null
    and node.attempt = child.parent_attempt and node.ended_at is null
  union all
  -- a value that was sent to a gate
  select signal.execution_number, gate.path
  from signal cross join lateral unnest(signal.waiting) as gate (path) join node_execution as node
    on node.execution_number = signal.execution_number and node.path = gate.path
  where signal.value is not null and signal.waiting <> '{}' and node.ended_at is null;

comment on column execution.told is
  'Neither read nor written any more. It stays while the version before this one, which writes it, may be run again.';
