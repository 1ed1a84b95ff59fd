-- What an attempt's start took, where it is known: when its plugin reported INITIALIZING (a pod: its image is pulled, its
-- containers are created), and when the function of the task began to run (a local process: flytekit has loaded the code
-- and the inputs). Null where nobody tells, and for rows of earlier versions.
alter table task_execution add column initializing_at timestamptz;
alter table task_execution add column code_began_at timestamptz;
