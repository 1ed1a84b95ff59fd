-- What happened: one row per step of an execution, written by its entity alone. The columns are those
-- that the journal plugin knows. Left out, because nobody asks by it: an order over all executions
-- (ordering is always 0) and tags. The primary key is the fence: of two that believe to own an
-- execution only one can write the next step.
create table event_journal (
  ordering           bigint       not null default 0,
  persistence_id     varchar(255) not null,
  sequence_number    bigint       not null,
  deleted            boolean      not null default false,
  writer             varchar(255) not null,
  write_timestamp    bigint,
  adapter_manifest   varchar(255),
  event_ser_id       integer      not null,
  event_ser_manifest varchar(255) not null,
  event_payload      bytea        not null,
  meta_ser_id        integer,
  meta_ser_manifest  varchar(255),
  meta_payload       bytea,
  primary key (persistence_id, sequence_number)
);

-- The state of an execution after a step, so that a long history need not be read again.
create table snapshot (
  persistence_id        varchar(255) not null,
  sequence_number       bigint       not null,
  created               bigint       not null,
  snapshot_ser_id       integer      not null,
  snapshot_ser_manifest varchar(255) not null,
  snapshot_payload      bytea        not null,
  meta_ser_id           integer,
  meta_ser_manifest     varchar(255),
  meta_payload          bytea,
  primary key (persistence_id, sequence_number)
);

-- Compiled workflows, by the SHA-256 of their closure in hex; never changed.
create table plan (
  digest  varchar(64) primary key,
  closure bytea       not null
);
