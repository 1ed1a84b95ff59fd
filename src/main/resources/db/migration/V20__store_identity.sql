-- The blob store of the engines on this database: its base holds an object with the same id, so that a node whose base
-- is another place, as a folder that is not shared, is found out.
alter table cluster add column blob_store uuid;
