-- What executions need whose graphs are not all known beforehand.

-- How many elements of one array are under way at once, whatever the array says.
alter table execution add column elements_max int not null default 1000;
-- Whether nodes are looked up in the execution of source_number before they run.
alter table execution add column looks_for_recovery boolean not null default false;

-- The plans that dynamic nodes have made, written before the node's journal refers to them. No foreign
-- key, as with node_execution.
create table dynamic_plan (
  execution_number bigint not null,
  -- where the dynamic node stands in the tree of graphs, and the attempt (from 0) that made the plan
  path             text not null,
  attempt          int not null,
  plan_digest      text not null,
  -- where the task left what the plan was made of: a flyteidl.core.DynamicJobSpec
  spec_uri         text not null,
  primary key (execution_number, path, attempt)
);

create or replace function delete_progress() returns trigger language plpgsql as $$
begin
  delete from task_execution where execution_number in (select number from gone);
  delete from node_execution where execution_number in (select number from gone);
  delete from dynamic_plan where execution_number in (select number from gone);
  return null;
end
$$;
