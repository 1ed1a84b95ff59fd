package io.turboprop.cli;

import io.turboprop.compiler.CompiledPlans;
import io.turboprop.event.Journal;
import io.turboprop.event.PlanNodes;
import io.turboprop.event.Replay;
import io.turboprop.journal.JournalTables;
import io.turboprop.store.Database;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.store.PlanTables;
import io.turboprop.workflow.state.WorkflowState;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the events of an execution, and checks that the rows clients read agree with them. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Lives through the journal of an execution once more: prints every event with the state after"
          + " it, then says whether the rows that clients read are what follows from the journal.",
      "",
      "It only reads, and works beside a running engine on the same data; if none runs there, it"
          + " starts the database for itself."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:replay and rows agree",
      "1:they do not, or the execution can't be replayed",
      "2:wrong usage"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  turboprop replay f3a1c0ffee                        in flytesnacks, development",
      "  turboprop replay flytesnacks/staging/f3a1c0ffee    anywhere",
      "  turboprop replay --quiet f3a1c0ffee                only the verdict"
    })
final class ReplayCommand implements Callable<Integer> {
  private static final int STEPS_PER_QUERY = 500;
  private static final long PLANS_BYTES_MAX = 64 * 1024 * 1024;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataFlags flags = new DataFlags();
  @Mixin private ExecutionArgument argument = new ExecutionArgument();

  @Option(names = "--quiet", description = "Say only whether they agree, and what does not.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException {
    var execution = argument.execution();
    try (var database = flags.attach()) {
      var row = new ExecutionTables(database).find(execution);
      if (row.isEmpty()) {
        spec.commandLine().getErr().println("turboprop: there is no execution " + execution);
        return 1;
      }
      return replay(database, row.orElseThrow());
    }
  }

  private int replay(Database database, ExecutionRow row) throws IOException {
    var out = spec.commandLine().getOut();
    var plans = new CompiledPlans(new PlanTables(database)::find, PLANS_BYTES_MAX);
    var plan = plans.get(row.accepted().planDigest()).plan();
    var replay =
        new Replay(
            row,
            plan,
            new PlanNodes(
                new DynamicPlanTables(database)::find, digest -> plans.get(digest).plan()),
            new WorkflowState.NotStarted(digest -> plans.get(digest).plan()));
    var text = new ReplayText(out);
    if (!quiet) {
      text.begin(row, plan);
    }
    var journal = Journal.of(new JournalTables(database));
    var steps = journal.read(row.accepted().id(), 0, STEPS_PER_QUERY);
    while (!steps.isEmpty()) {
      for (var step : steps) {
        replay.add(step, quiet ? (_, _, _) -> {} : text::event);
      }
      steps = journal.read(row.accepted().id(), replay.sequenceNumber(), STEPS_PER_QUERY);
    }
    var differences =
        replay.differences(
            new NodeExecutionTables(database).nodes(row.accepted().number(), replay.nodeIds()));
    text.verdict(replay, row, differences);
    return differences.isEmpty() ? 0 : 1;
  }
}
