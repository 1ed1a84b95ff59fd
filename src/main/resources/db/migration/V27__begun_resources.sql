-- What FlytePropeller has left of a workflow that it had begun: the status of its resource, as JSON.

alter table flyte_workflow_resource add column begun text;
