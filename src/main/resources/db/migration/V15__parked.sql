-- Executions that the engine could not go on with. Such an execution is not final: it is shown with the phase it had,
-- and its row's wake_up says when it is tried again. Whatever is published of it afterwards shows that it goes on, and
-- clears these columns.

alter table execution
  add column parked_at timestamptz,
  -- why, for people
  add column parked_reason text;

create index execution_parked on execution (number) where parked_at is not null;
