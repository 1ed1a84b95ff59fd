-- The cluster that uses this database, and its nodes.

create table cluster (
  only_row boolean primary key default true check (only_row),
  -- a new one whenever a cluster is formed anew; null before the first
  incarnation uuid,
  formed_at timestamptz,
  -- how many shards executions are spread over, fixed at the first start
  shards integer,
  -- signs links; made at the first start that has none configured
  signing_key bytea,
  -- Engines that know the tables up to this version, or up to a newer one, may use these tables. A script that takes
  -- away what older engines use raises it.
  readable_from integer not null
);
insert into cluster (readable_from) values (18);

create table cluster_node (
  id integer generated always as identity primary key,
  incarnation uuid not null,
  -- false until the node is a member of the cluster
  joined boolean not null default false,
  -- host:port where the other nodes reach this one
  address text not null,
  -- how nodes of this cluster find each other: addresses of seeds, or the name that is looked up
  meeting_points text[] not null,
  roles text[] not null,
  version text not null,
  -- http://host:port of the API
  api text not null,
  started_at timestamptz not null default clock_timestamp(),
  -- moved on by the node at an interval, as long as it lives
  seen_at timestamptz not null default clock_timestamp()
);

-- The key of the advisory lock that the session of a node holds. PostgreSQL releases it when the session ends, so the
-- death of the process shows at once; that of its machine, or a process that has stopped moving, after some seconds.
create function cluster_node_lock(id integer) returns bigint stable language sql as $$
  select hashtextextended('cluster_node ' || current_schema() || ' ' || id, 0)
$$;

create view live_cluster_node as
  select node.* from cluster_node as node
  where seen_at > clock_timestamp() - interval '10 seconds'
    and exists (
      select from pg_locks
      where locktype = 'advisory' and objsubid = 1 and granted
        and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32) | objid::bigint = cluster_node_lock(node.id));
