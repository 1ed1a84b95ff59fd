-- Plans that nobody refers to any more are deleted. So whoever refers to one holds it, with a row that is
-- not yet committed as well: executions through the workflow whose plan they run, dynamic nodes by themselves.

alter table dynamic_plan add constraint dynamic_plan_is_stored
  foreign key (plan_digest) references plan (digest);

-- Who refers to a plan.
create index dynamic_plan_of_plan on dynamic_plan (plan_digest);
create index workflow_of_plan on workflow (digest);
