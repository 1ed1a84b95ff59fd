-- The limit on the nodes of an execution is a setting; executions from before have the limit of that time.

alter table execution add column nodes_max int not null default 250000;
