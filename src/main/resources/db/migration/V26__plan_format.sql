-- The format of a stored plan. Format 1 is a flyteidl.core.CompiledWorkflowClosure, as of every plan from before.

alter table plan add column format smallint not null default 1;
