package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.journal.JournalTables;
import io.turboprop.journal.JournalTables.JournaledStep;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.PlanTables;
import io.turboprop.store.StoreSettings;
import io.turboprop.store.TestingDatabase;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.NodeSucceeded;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Outcome;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** What an engine has written: the journal, and the tables that clients are shown. */
final class History implements AutoCloseable {
  private static final int STEPS_MAX = 10_000;
  private static final StoreSettings.Pool POOL =
      new StoreSettings.Pool(2, Duration.ofSeconds(20), Duration.ofSeconds(60), 5000);

  private final Database database;
  private final CompiledPlans plans;

  private History(Database database) {
    this.database = database;
    this.plans = new CompiledPlans(new PlanTables(database)::find, 10_000_000);
  }

  /** Opens the database of an engine that has stopped, or runs. */
  static History of(EngineProcess engine) {
    return of(engine.data().resolve("postgresql"));
  }

  /** Opens the database of engines that run. */
  static History of(StoreSettings settings) {
    return new History(Database.attach(settings));
  }

  private static History of(Path folder) {
    return new History(
        Database.attach(
            new StoreSettings(
                new PostgresServer.Embedded(folder, TestingDatabase.binaries(), 0, Map.of()),
                POOL,
                new StoreSettings.Session(Duration.ofSeconds(3), Duration.ofSeconds(2)),
                new StoreSettings.Journal(1000, 4 << 20, 1, 1000, 32 << 20),
                StoreSettings.Retention.FOR_EVER)));
  }

  /**
   * From now on no row of a node of this execution can be written, as if it were against a rule.
   */
  void refuseNodesOf(String execution) throws SQLException {
    try (var connection = database.dataSource().getConnection();
        var statement = connection.createStatement()) {
      statement.execute(
          """
          create function refuse_nodes() returns trigger language plpgsql as $$ begin
            if (select name from execution where number = new.execution_number) = '%s' then
              raise check_violation using message = 'no such nodes here';
            end if;
            return new;
          end $$;
          create trigger refuse_nodes before insert on node_execution
            for each row execute function refuse_nodes();
          """
              .formatted(execution));
    }
  }

  /** The paths of the nodes that an execution had not to run, since another one had. */
  Set<String> recovered(String name) {
    return steps(name).stream()
        .flatMap(step -> step.step().events().stream())
        .filter(WorkflowEvent.NodeRecovered.class::isInstance)
        .map(event -> ((WorkflowEvent.NodeRecovered) event).node().text())
        .collect(Collectors.toSet());
  }

  private List<JournaledStep> steps(String name) {
    var id = new ExecutionId(EngineClient.PROJECT, EngineClient.DOMAIN, name);
    return new JournalTables(database).steps(WorkflowEntity.persistenceId(id), 1, STEPS_MAX);
  }

  /** The names of all executions. */
  List<String> executions() {
    return database
        .sql()
        .fetch("select name from execution order by 1")
        .map(row -> row.get(0, String.class));
  }

  /** How many executions have not ended, by the tables. */
  int unfinished() {
    return database
        .sql()
        .fetchSingle("select count(*) from execution where not final")
        .get(0, Integer.class);
  }

  /**
   * Requires that an execution has succeeded, that each of its nodes has done so exactly once and
   * in its first attempt, and that the tables show exactly what the journal says.
   */
  void requireEachStepOnce(String name) {
    var id = new ExecutionId(EngineClient.PROJECT, EngineClient.DOMAIN, name);
    var row = new ExecutionTables(database).find(id).orElseThrow();
    var steps = steps(name);
    var replay = Replay.of(steps, plans);

    assertThat(steps)
        .as("numbers of the steps of %s", name)
        .extracting(JournaledStep::sequenceNumber)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, steps.size()).boxed().toList());
    assertThat(replay.end()).as("replay of %s", name).isInstanceOf(Done.class);
    assertThat(((Done) replay.end()).outcome()).isInstanceOf(Outcome.Succeeded.class);
    assertThat(replay.successes().values())
        .as("successes of the nodes of %s", name)
        .hasSize(replay.nodes().size() - 1)
        .containsOnly(1);

    assertThat(row.ended()).as("end of %s", name).isTrue();
    assertThat(row.phase()).isEqualTo(WorkflowExecution.Phase.SUCCEEDED_VALUE);
    assertThat(row.outputs())
        .isEqualTo(((Outcome.Succeeded) ((Done) replay.end()).outcome()).outputs());
    assertThat(row.accepted().publishedThrough())
        .as("published of %s", name)
        .isEqualTo(steps.size());
    assertThat(nodes(row.accepted().number())).isEqualTo(replay.nodes());
    assertThat(attempts(row.accepted().number()))
        .as("attempts of the tasks of %s", name)
        .hasSize(replay.nodes().size() - 2)
        .containsOnly("0: " + TaskExecution.Phase.SUCCEEDED_VALUE);
  }

  /**
   * Requires that an execution has ended, that no node of it, at whatever depth, and no element of
   * an array has succeeded twice, and that clients are shown all that the journal has.
   */
  void requireNothingTwice(String name) {
    var id = new ExecutionId(EngineClient.PROJECT, EngineClient.DOMAIN, name);
    var row = new ExecutionTables(database).find(id).orElseThrow();
    var steps = steps(name);
    var replay = Replay.of(steps, plans);

    assertThat(replay.end()).as("replay of %s", name).isInstanceOf(Done.class);
    assertThat(replay.successes().values()).as("successes in %s", name).containsOnly(1);
    assertThat(row.accepted().publishedThrough()).isEqualTo(steps.size());
  }

  /** Nodes by path, with their phases, as clients see them. */
  private Map<String, NodeExecution.Phase> nodes(long execution) {
    return database
        .sql()
        .fetch("select path, phase from node_execution where execution_number = ?", execution)
        .stream()
        .collect(
            Collectors.toMap(
                row -> row.get(0, String.class),
                row -> NodeExecution.Phase.forNumber(row.get(1, Integer.class))));
  }

  /** Attempts, each as its number and its phase. */
  private List<String> attempts(long execution) {
    return database
        .sql()
        .fetch("select attempt, phase from task_execution where execution_number = ?", execution)
        .map(row -> row.get(0, Integer.class) + ": " + row.get(1, Integer.class));
  }

  @Override
  public void close() {
    database.close();
  }

  /**
   * What the journal of an execution amounts to.
   *
   * @param end the state after all steps
   * @param nodes the phases of the nodes when the last of them had ended, as clients would see them
   * @param successes how often each node was recorded as succeeded
   */
  private record Replay(
      WorkflowState end, Map<String, NodeExecution.Phase> nodes, Map<NodePath, Integer> successes) {

    static Replay of(List<JournaledStep> steps, CompiledPlans plans) {
      WorkflowState state = new NotStarted(digest -> plans.get(digest).plan());
      var nodes = Collections.<String, NodeExecution.Phase>emptyMap();
      var successes = new HashMap<NodePath, Integer>();
      for (var event : events(steps)) {
        if (event instanceof NodeSucceeded succeeded) {
          successes.merge(succeeded.node(), 1, Integer::sum);
        }
        state = EventApplier.evolve(state, event);
        nodes = state instanceof Running running ? phases(running) : nodes;
      }
      return new Replay(state, nodes, successes);
    }

    private static List<WorkflowEvent> events(List<JournaledStep> steps) {
      return steps.stream().flatMap(step -> step.step().events().stream()).toList();
    }

    private static Map<String, NodeExecution.Phase> phases(Running running) {
      var root = running.tree().root();
      return IntStream.range(0, root.graph().size())
          .boxed()
          .collect(
              Collectors.toMap(
                  number -> NodePath.root(root.graph().node(number).id()).text(),
                  number -> phase(root.node(number))));
    }

    private static NodeExecution.Phase phase(NodeState node) {
      return switch (node) {
        case NodeState.Pending _ -> NodeExecution.Phase.UNDEFINED;
        case NodeState.Active _, NodeState.Paused _, NodeState.Requeued _ ->
            NodeExecution.Phase.RUNNING;
        case NodeState.Expiring _ -> NodeExecution.Phase.FAILING;
        case NodeState.Ended ended ->
            switch (ended.phase()) {
              case SUCCEEDED -> NodeExecution.Phase.SUCCEEDED;
              case FAILED -> NodeExecution.Phase.FAILED;
              case SKIPPED -> NodeExecution.Phase.SKIPPED;
              case TIMED_OUT -> NodeExecution.Phase.TIMED_OUT;
              case ABORTED -> NodeExecution.Phase.ABORTED;
              case RECOVERED -> NodeExecution.Phase.RECOVERED;
            };
      };
    }
  }
}
