-- Executions that wait because their project has as many under way as it may have. Such an execution is accepted, its
-- phase is QUEUED, and it is not begun before this is false.
alter table execution add column queued boolean not null default false;

create index execution_queued on execution (project, number) where queued;
