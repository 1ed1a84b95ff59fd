-- When the latest attempt of an element of an array began to run, so that the console can say how long elements took.
-- Empty for an element that has not run, and for those of before; an older node leaves it empty.
alter table array_element add column started_at timestamptz;
