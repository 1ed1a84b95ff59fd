-- What clients register. Written by the door, in the request. Nothing is deleted, and a version is
-- never changed, but for the state of a launch plan. Messages are kept as serialized protobuf; a
-- column of its own has what lists filter or sort by.

create table project (
  id          bigint generated always as identity unique,
  identifier  text        not null primary key,
  name        text        not null,
  description text        not null,
  -- of flyteidl.admin.Project.ProjectState
  state       bigint      not null,
  -- flyteidl.admin.Labels
  labels      bytea       not null,
  created_at  timestamptz not null default clock_timestamp()
);

-- A name that has at least one version, of any kind (numbers of flyteidl.core.ResourceType).
create table named_entity (
  id            bigint generated always as identity unique,
  resource_type bigint not null,
  project       text   not null,
  domain        text   not null,
  name          text   not null,
  description   text   not null default '',
  -- of flyteidl.admin.NamedEntityState
  state         bigint not null default 0,
  primary key (resource_type, project, domain, name)
);

create table task (
  id                bigint generated always as identity unique,
  project           text        not null,
  domain            text        not null,
  name              text        not null,
  version           text        not null,
  -- SHA-256 in hex: says whether a second registration is the same
  digest            text        not null,
  type              text        not null,
  short_description text        not null,
  -- flyteidl.core.CompiledTask
  compiled          bytea       not null,
  created_at        timestamptz not null default clock_timestamp(),
  primary key (project, domain, name, version)
);
create index task_by_age on task (project, domain, created_at, id);
create index task_version_by_age on task (project, domain, name, created_at, id);

create table workflow (
  id                bigint generated always as identity unique,
  project           text        not null,
  domain            text        not null,
  name              text        not null,
  version           text        not null,
  -- names a row of plan, which has the closure
  digest            text        not null references plan (digest),
  short_description text        not null,
  -- flyteidl.core.TypedInterface
  interface         bytea       not null,
  created_at        timestamptz not null default clock_timestamp(),
  primary key (project, domain, name, version)
);
create index workflow_by_age on workflow (project, domain, created_at, id);
create index workflow_version_by_age on workflow (project, domain, name, created_at, id);

create table launch_plan (
  id                    bigint generated always as identity unique,
  project               text        not null,
  domain                text        not null,
  name                  text        not null,
  version               text        not null,
  digest                text        not null,
  workflow_id           bigint      not null references workflow (id),
  -- of flyteidl.admin.LaunchPlanState
  state                 bigint      not null default 0,
  -- NONE, CRON or RATE
  schedule_type         text        not null,
  -- SCHED or empty
  launch_condition_type text        not null,
  -- flyteidl.admin.LaunchPlanSpec with its defaults completed
  spec                  bytea       not null,
  -- flyteidl.admin.LaunchPlanClosure: what is expected in and out
  closure               bytea       not null,
  created_at            timestamptz not null default clock_timestamp(),
  updated_at            timestamptz not null default clock_timestamp(),
  primary key (project, domain, name, version)
);
create index launch_plan_by_age on launch_plan (project, domain, created_at, id);
create index launch_plan_version_by_age on launch_plan (project, domain, name, created_at, id);
create index launch_plan_of_workflow on launch_plan (workflow_id);
-- one active version for each name
create unique index launch_plan_active on launch_plan (project, domain, name) where state = 1;

create table description_entity (
  id                bigint generated always as identity unique,
  resource_type     bigint      not null,
  project           text        not null,
  domain            text        not null,
  name              text        not null,
  version           text        not null,
  short_description text        not null,
  -- flyteidl.admin.DescriptionEntity
  description       bytea       not null,
  created_at        timestamptz not null default clock_timestamp(),
  primary key (resource_type, project, domain, name, version)
);

-- Settings that match executions; an empty column matches everything.
create table matchable_attributes (
  -- of flyteidl.admin.MatchableResource
  resource_type bigint not null,
  project       text   not null,
  domain        text   not null,
  workflow      text   not null,
  launch_plan   text   not null,
  -- flyteidl.admin.MatchingAttributes
  attributes    bytea  not null,
  primary key (resource_type, project, domain, workflow, launch_plan)
);
