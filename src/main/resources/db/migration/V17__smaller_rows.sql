-- What a step of the journal takes on disk: without the columns of the journal plugin's own tables, which nothing
-- writes or reads, and with numbers first, since a number after a text is padded. A table keeps the room of a column
-- that is dropped, so the rows move to a new one.

create table steps (
  sequence_number    bigint       not null,
  write_timestamp    bigint,
  event_ser_id       integer      not null,
  persistence_id     varchar(255) not null,
  writer             varchar(255) not null,
  event_ser_manifest varchar(255) not null,
  event_payload      bytea        not null
);
insert into steps
  select sequence_number, write_timestamp, event_ser_id, persistence_id, writer, event_ser_manifest, event_payload
  from event_journal;
drop table event_journal;
alter table steps rename to event_journal;
alter table event_journal add constraint event_journal_pkey primary key (persistence_id, sequence_number);

-- Most attempts are written once, when they have ended: their pages need no room for changes.
alter table task_execution set (fillfactor = 100);

-- Only deletion asks by the end alone. It says so (number > 0), and pages of lists do not: to them the planner would
-- prefer this index to that of one phase, and read past all executions of the others.
drop index execution_ended;
create index execution_ended on execution (ended_at, number) where final and number > 0;
