-- Lists of executions take as long with a million of them as with a hundred: what they are filtered and sorted
-- by is in an index. The phase changes with almost every step of an execution, and an index with it would have
-- every step write anew into all indexes; so there is a column that only the end changes.

alter table execution
  -- the phase that it has ended in; null while it is under way
  add column outcome smallint generated always as (case when final then phase end) stored,
  -- in seconds; 0 until it has ended, as in FlyteAdmin
  add column duration double precision not null
    generated always as (coalesce(cast(extract(epoch from ended_at - started_at) as double precision), 0)) stored;

create index execution_under_way on execution (project, domain, accepted_at, number) where not final;
create index execution_by_outcome on execution (project, domain, outcome, accepted_at, number) where final;
create index execution_by_end on execution (project, domain, outcome, ended_at, number) where final;
create index execution_by_duration on execution (project, domain, duration, number);
create index execution_of_workflow on execution (project, domain, workflow_name, accepted_at, number);
create index execution_launched_by on execution (project, domain, launch_name, accepted_at, number);
create index execution_archived on execution (project, domain, accepted_at, number) where state = 1;
-- Which are to be deleted first.
create index execution_ended on execution (ended_at) where final;

-- Parts of names need an extension that comes with PostgreSQL. Where the server has not got it, or this user may
-- not add it, such a filter reads the names of all executions.
do $$
begin
  create extension if not exists pg_trgm;
  create index execution_name_part on execution using gin (name gin_trgm_ops);
exception
  when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
    raise notice 'filters by a part of an execution''s name stay slow: %', sqlerrm;
end
$$;

-- The nodes of one graph in the order of their creation.
create index node_execution_of_graph on node_execution (execution_number, parent_id, created_at, node_id);
