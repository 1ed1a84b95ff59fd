-- Executions, and what of them is shown to clients.

-- One row for each accepted execution. Being here is being accepted.
-- Written by the door at acceptance, for a terminate request and for archiving; all else by the publisher.
create table execution (
  -- the order of acceptance; the key of everything below
  number                   bigint generated always as identity primary key,
  project                  text not null,
  domain                   text not null,
  name                     text not null,
  plan_digest              text not null,

  -- what was asked for: 1 a task, 3 a launch plan (numbers of flyteidl.core.ResourceType)
  launch_kind              smallint not null,
  launch_project           text not null,
  launch_domain            text not null,
  launch_name              text not null,
  launch_version           text not null,
  workflow_project         text not null,
  workflow_domain          text not null,
  workflow_name            text not null,
  workflow_version         text not null,
  -- flyteidl.admin.ExecutionSpec with every option resolved
  spec                     bytea not null,
  -- flyteidl.core.LiteralMap, or where it lies; the user's own inputs only where they differ
  inputs                   bytea,
  inputs_uri               text,
  user_inputs              bytea,
  user_inputs_uri          text,
  -- of flyteidl.admin.ExecutionMetadata.ExecutionMode
  mode                     smallint not null,
  principal                text not null,
  parent_number            bigint,
  parent_node_id           text,
  source_number            bigint,

  -- the rules' settings, fixed at acceptance
  parallelism_max          int not null,
  interruptible            boolean not null,
  system_retries_max       int not null,
  attempts_max_default     int not null,
  back_off_min_ms          bigint not null,
  back_off_max_ms          bigint not null,
  inline_bytes_max         int not null,

  -- how far it is: numbers of flyteidl.core.WorkflowExecution.Phase
  phase                    smallint not null default 0,
  final                    boolean not null default false,
  accepted_at              timestamptz not null,
  started_at               timestamptz,
  updated_at               timestamptz not null,
  ended_at                 timestamptz,
  outputs                  bytea,
  outputs_uri              text,
  error_code               text,
  error_message            text,
  error_kind               smallint,

  -- of flyteidl.admin.ExecutionState: 0 active, 1 archived
  state                    smallint not null default 0,
  state_changed_at         timestamptz,
  state_changed_by         text,
  abort_requested_at       timestamptz,
  abort_cause              text,
  abort_principal          text,

  -- The sequence number of the last step in the journal that these tables show.
  published_through        bigint not null default 0,
  -- When an execution that sleeps has to be woken, infinity if it waits to be told something;
  -- null while it is under way, and from the beginning.
  wake_up                  timestamptz,

  constraint execution_name unique (project, domain, name)
) with (fillfactor = 60);

create index execution_due on execution (wake_up) where not final and wake_up is not null;
create index execution_active on execution (number) where not final and wake_up is null;
create index execution_accepted on execution (project, domain, accepted_at, number);
create index execution_parent on execution (parent_number) where parent_number is not null;

-- What executions can be found by: labels as key and value, tags as a key without one.
create table execution_tag (
  execution_number         bigint not null references execution (number) on delete cascade,
  key                      text not null,
  value                    text not null,
  primary key (execution_number, key, value)
);
create index execution_tag_key on execution_tag (key, value);

-- One row for each node that was queued, skipped or ended. No foreign key, which would cost a third
-- more for each row: it is written only while its execution's row is locked, and deleted with it (below).
create table node_execution (
  execution_number         bigint not null,
  -- qualified by the nodes around it, as clients see it
  node_id                  text not null,
  -- where it stands in the tree of graphs: n0, n0/1/n2
  path                     text not null,
  -- the node_id of the node around it
  parent_id                text,
  is_parent                boolean not null,
  -- of flyteidl.core.NodeExecution.Phase
  phase                    smallint not null,
  -- the latest one, from 0
  attempt                  int not null,
  created_at               timestamptz not null,
  started_at               timestamptz,
  updated_at               timestamptz not null,
  ended_at                 timestamptz,
  outputs                  bytea,
  outputs_uri              text,
  error_code               text,
  error_message            text,
  error_kind               smallint,
  -- of flyteidl.core.CatalogCacheStatus, and a flyteidl.core.CatalogMetadata
  cache_status             smallint,
  cache_key                bytea,
  deck_uri                 text,
  primary key (execution_number, node_id)
) with (fillfactor = 75);

-- One row for each attempt that a task plugin was asked to run. No foreign key, as above.
create table task_execution (
  execution_number         bigint not null,
  node_id                  text not null,
  -- from 0
  attempt                  int not null,
  task_project             text not null,
  task_domain              text not null,
  task_name                text not null,
  task_version             text not null,
  -- of flyteidl.core.TaskExecution.Phase
  phase                    smallint not null,
  phase_version            int not null,
  created_at               timestamptz not null,
  started_at               timestamptz,
  updated_at               timestamptz not null,
  ended_at                 timestamptz,
  -- flyteidl.event.TaskExecutionEvent: the latest logs, custom info and metadata
  details                  bytea,
  -- flyteidl.event.TaskExecutionEvent: every reason given while it ran, one appended to the other
  reasons                  bytea,
  error_code               text,
  error_message            text,
  error_kind               smallint,
  primary key (execution_number, node_id, attempt)
) with (fillfactor = 75);

-- What a foreign key would do when executions are deleted, for all of a statement at once.
create function delete_progress() returns trigger language plpgsql as $$
begin
  delete from task_execution where execution_number in (select number from gone);
  delete from node_execution where execution_number in (select number from gone);
  return null;
end
$$;
create trigger execution_deleted after delete on execution
  referencing old table as gone for each statement execute function delete_progress();
