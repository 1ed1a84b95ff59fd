-- Plans that only dynamic nodes referred to, of executions that were deleted before such plans went with
-- the last of them; and those of attempts that had made another plan before.

delete from plan
where not exists (select from dynamic_plan where plan_digest = plan.digest)
  and not exists (select from workflow where workflow.digest = plan.digest)
  and not exists (select from execution where plan_digest = plan.digest);
