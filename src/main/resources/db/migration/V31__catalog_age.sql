-- Artifacts that are too old to be used are deleted, those of a time together.

create index catalog_artifact_age on catalog_artifact using brin (created_at);
