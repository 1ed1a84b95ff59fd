-- How many nodes an execution has made at run time, in the graphs of its arrays and dynamic tasks; the others are in its
-- plan. So it is known how much memory an execution takes before it is loaded. 0 for those of earlier versions.
alter table execution add column nodes_made bigint not null default 0;
