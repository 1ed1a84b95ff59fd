-- Of the snapshots of an execution the last two are kept: one to begin with, and one in case it can't be read.

create function delete_old_snapshots() returns trigger language plpgsql as $$
begin
  delete from snapshot where persistence_id = new.persistence_id and sequence_number < (
    select sequence_number from snapshot where persistence_id = new.persistence_id
    order by sequence_number desc offset 1 limit 1);
  return null;
end
$$;
create trigger snapshot_taken after insert on snapshot for each row execute function delete_old_snapshots();
