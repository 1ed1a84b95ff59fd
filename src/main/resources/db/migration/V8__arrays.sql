-- What clients are shown of array nodes.

-- Of the task execution of an array: how many elements it has.
alter table task_execution add column elements int;

-- One row for each element of an array whose task was asked to be run; the others are queued. A table of its
-- own, since one message with all of them would be written anew for each. No foreign key, as with
-- node_execution.
create table array_element (
  execution_number bigint not null,
  -- of the array, as clients see it, and its attempt, from 0
  node_id          text not null,
  attempt          int not null,
  -- from 0
  index            int not null,
  -- of flyteidl.core.TaskExecution.Phase
  phase            smallint not null,
  -- the latest attempt of the element, from 0
  retry            int not null,
  -- of flyteidl.core.CatalogCacheStatus
  cache_status     smallint not null,
  updated_at       timestamptz not null,
  -- flyteidl.event.TaskExecutionEvent: the latest logs and custom info
  details          bytea,
  primary key (execution_number, node_id, attempt, index)
) with (fillfactor = 75);

create function delete_array_elements() returns trigger language plpgsql as $$
begin
  delete from array_element where execution_number in (select number from gone);
  return null;
end
$$;
create trigger execution_deleted_with_arrays after delete on execution
  referencing old table as gone for each statement execute function delete_array_elements();
