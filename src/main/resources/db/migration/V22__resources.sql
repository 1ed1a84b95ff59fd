-- FlyteWorkflow resources of a Kubernetes cluster that have become executions.

create table flyte_workflow_resource (
  -- Kubernetes' own: never used twice
  uid              text primary key,
  namespace        text not null,
  name             text not null,
  execution_number bigint not null references execution (number) on delete cascade,
  -- what the execution runs; no workflow is registered that would hold it
  plan_digest      text not null,
  -- the document without its status, in bytes
  size_bytes       integer not null,
  -- the step of the journal, and the phase, that the resource's status shows; -1 while it shows none
  status_through   bigint not null default -1,
  status_phase     integer not null default -1,
  -- whether nothing has to be written to the resource any more
  finished         boolean not null default false
);

create index flyte_workflow_resource_of_execution on flyte_workflow_resource (execution_number);
create index flyte_workflow_resource_of_plan on flyte_workflow_resource (plan_digest);
create index flyte_workflow_resource_open on flyte_workflow_resource (execution_number) where not finished;
