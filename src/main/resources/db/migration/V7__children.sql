-- How an execution finds the node that has started it and waits for its end.

-- The node of the execution parent_number, and its attempt (from 0), that sleep until this one has ended;
-- null where none does.
alter table execution add column parent_path text;
alter table execution add column parent_attempt int;

-- What of a launch plan, in all its versions, has not ended, for limits on how many there may be.
create index execution_of_launch_plan on execution (launch_project, launch_domain, launch_name)
  where not final and launch_kind = 3;
