-- What tasks made of inputs they have seen before. A key is the task's name, the version its author
-- gave to its behaviour with the signature of its interface, and the hash of its inputs.
create table catalog_artifact (
  project      text        not null,
  domain       text        not null,
  name         text        not null,
  version      text        not null,
  tag          text        not null,
  artifact_id  text        not null,
  -- a serialized LiteralMap: here, or in the blob store
  outputs      bytea,
  outputs_uri  text,
  -- a serialized TaskExecutionIdentifier
  source       bytea       not null,
  created_at   timestamptz not null,
  primary key (project, domain, name, version, tag),
  check ((outputs is null) <> (outputs_uri is null))
);

-- Who is making an artifact now; others wait until it is there or the time is over.
create table catalog_reservation (
  project      text        not null,
  domain       text        not null,
  name         text        not null,
  version      text        not null,
  tag          text        not null,
  owner        text        not null,
  expires_at   timestamptz not null,
  primary key (project, domain, name, version, tag)
);
