package io.turboprop.store;

/** Rows of a long history, made by the database. */
final class ManyExecutions {
  static final String PROJECT = "flytesnacks";
  static final String DOMAIN = "development";

  /**
   * Of a hundred executions, one has not ended, four were aborted, and the others succeeded; all
   * failures are older than the rest. One of a thousand runs a workflow of its own, {@code rare},
   * another one was started by a user of that name, and one has the label {@code ticket}.
   */
  private static final String INSERT =
      """
      insert into execution (
        project, domain, name, plan_digest,
        launch_kind, launch_project, launch_domain, launch_name, launch_version,
        workflow_project, workflow_domain, workflow_name, workflow_version, spec, mode, principal,
        parallelism_max, interruptible, system_retries_max, attempts_max_default,
        back_off_min_ms, back_off_max_ms, inline_bytes_max,
        phase, final, accepted_at, started_at, updated_at, ended_at, error_code)
      select
        'flytesnacks', 'development', 'f' || substr(md5(i::text), 1, 19), repeat('d', 64),
        3, 'flytesnacks', 'development', workflow, 'v1',
        'flytesnacks', 'development', workflow, 'v1', decode(repeat('00', 100), 'hex'), 1,
        case when i %% 1000 = 3 then 'rare' else 'user' end,
        25, false, 3, 1, 1000, 60000, 1024,
        phase, phase <> 2,
        accepted, accepted, accepted + ran, case when phase <> 2 then accepted + ran end,
        case when phase = 6 then 'USER:Oops' end
      from (
        select i,
          timestamptz '2026-01-01' + i * interval '1 second' as accepted,
          (abs(hashint4(i)) %% 100000) * interval '1 millisecond' as ran,
          case when i %% 1000 = 7 then 'rare' else 'flow' || i %% 20 end as workflow,
          case
            when abs(hashint4(i + 1)) %% 100 = 0 then 2
            when abs(hashint4(i + 1)) %% 100 < 5 then 7
            when i < %1$d / 20 then 6
            else 4 end as phase
        from generate_series(%2$d, %3$d) as i) as made
      """;

  /** One label of fifty values for each, and one that few have. */
  private static final String LABEL =
      """
      insert into execution_tag (execution_number, key, value)
      select number, label.key, label.value
      from execution, lateral (
        values ('team', 'team' || number % 50),
          (case when number % 1000 = 11 then 'ticket' end, 'T' || number)) as label (key, value)
      where label.key is not null
        and number > coalesce((select max(execution_number) from execution_tag), 0)
      """;

  /** What is inserted by one statement, which the driver waits for a minute for. */
  private static final int BATCH = 20_000;

  private ManyExecutions() {}

  static void insert(Database database, int count) {
    for (int from = 1; from <= count; from += BATCH) {
      database.sql().execute(INSERT.formatted(count, from, Math.min(count, from + BATCH - 1)));
      database.sql().execute(LABEL);
    }
    database.sql().execute("analyze execution, execution_tag");
  }
}
