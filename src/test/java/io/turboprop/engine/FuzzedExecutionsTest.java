package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import flyteidl.admin.Common.NamedEntityIdentifier;
import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionTerminateRequest;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Workflow.WorkflowTemplate;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.turboprop.admin.transport.RandomMessages;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registers and runs workflows of every kind with random changes, on an engine that is a process of
 * its own. The engine refuses them or runs them to an end: no call fails inside, no execution is
 * parked, and every execution ends at the latest when it is aborted.
 *
 * <p>{@code -Dturboprop.fuzz.time=PT10M} goes on for longer.
 */
@Tag("integration")
class FuzzedExecutionsTest {
  private static final Set<Code> OUR_FAULT =
      EnumSet.of(Code.INTERNAL, Code.UNKNOWN, Code.DATA_LOSS, Code.UNAVAILABLE);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int PAGE = 1_000;

  @TempDir private Path folder;

  @Test
  void everyChangedWorkflowIsRefusedOrEnds() throws Exception {
    try (var engine = new EngineProcess(folder).start();
        var client = new EngineClient(engine)) {
      var kinds = new EchoKinds(client, Duration.ofMillis(1)).all();
      var fuzz = new Fuzz(client, kinds);
      var time = Duration.parse(System.getProperty("turboprop.fuzz.time", "PT5S"));
      var end = System.nanoTime() + time.toNanos();
      for (var seed = 0L; System.nanoTime() < end; seed++) {
        fuzz.run(seed);
      }

      var running = notEnded(client);
      running.forEach(execution -> abort(client, execution));
      Facts.await("the end of all executions", PATIENCE, () -> notEnded(client).isEmpty());

      assertThat(fuzz.accepted).as("executions that were accepted").isPositive();
      assertThat(engine.isAlive()).isTrue();
      assertThat(engine.log()).doesNotContain("is parked", "unexpected failure");
    }
  }

  private static List<Execution> notEnded(EngineClient client) {
    var request =
        ResourceListRequest.newBuilder()
            .setId(
                NamedEntityIdentifier.newBuilder()
                    .setProject(EngineClient.PROJECT)
                    .setDomain(EngineClient.DOMAIN))
            .setFilters("value_in(phase,UNDEFINED;QUEUED;RUNNING;SUCCEEDING;FAILING;ABORTING)")
            .setLimit(PAGE)
            .build();
    return client.admin().listExecutions(request).getExecutionsList();
  }

  private static void abort(EngineClient client, Execution execution) {
    try {
      client
          .admin()
          .terminateExecution(
              ExecutionTerminateRequest.newBuilder()
                  .setId(execution.getId())
                  .setCause("the test ends")
                  .build());
    } catch (StatusRuntimeException e) {
      // It has just ended.
      assertThat(e.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
    }
  }

  private static final class Fuzz {
    private final EngineClient client;
    private final EchoWorkflows workflows;
    private final List<EchoKinds.Kind> kinds;
    private final List<WorkflowTemplate> templates = new ArrayList<>();
    private int accepted;

    Fuzz(EngineClient client, List<EchoKinds.Kind> kinds) {
      this.client = client;
      this.workflows = new EchoWorkflows(client);
      this.kinds = kinds;
      kinds.forEach(kind -> templates.add(template(kind)));
    }

    private WorkflowTemplate template(EchoKinds.Kind kind) {
      var id = EchoWorkflows.id(ResourceType.WORKFLOW, kind.launchPlan().getName());
      return client
          .admin()
          .getWorkflow(ObjectGetRequest.newBuilder().setId(id).build())
          .getClosure()
          .getCompiledWorkflow()
          .getPrimary()
          .getTemplate();
    }

    /** A seed is a full report, with the kinds as they are. */
    void run(long seed) {
      var random = new Random(seed * 0x9E3779B97F4A7C15L);
      var index = random.nextInt(kinds.size());
      var kind = kinds.get(index);
      var launchPlan = kind.launchPlan();
      try {
        if (random.nextBoolean()) {
          launchPlan = changed(random, templates.get(index), "changed-" + seed);
        }
        execute(random, "fuzz-" + seed, launchPlan, kind);
      } catch (StatusRuntimeException refused) {
        var status = refused.getStatus();
        assertThat(status.getCode())
            .as("seed %d, %s: %s", seed, kind.name(), status)
            .isNotIn(OUR_FAULT);
      }
    }

    private Identifier changed(Random random, WorkflowTemplate template, String name) {
      var builder = template.toBuilder();
      // The compiled workflow has these two besides what was registered.
      builder.getNodesList().stream()
          .filter(node -> node.getId().endsWith("-node"))
          .toList()
          .forEach(node -> builder.removeNodes(builder.getNodesList().indexOf(node)));
      change(random, builder);
      builder.setId(EchoWorkflows.id(ResourceType.WORKFLOW, name));
      if (!builder.getInterface().getInputs().containsVariables("x")) {
        builder.setInterface(template.getInterface());
      }
      return workflows.register(builder.build(), List.of());
    }

    private void execute(Random random, String name, Identifier launchPlan, EchoKinds.Kind kind) {
      var request = EngineClient.execution(name, launchPlan, kind.inputs()).toBuilder();
      if (random.nextBoolean()) {
        change(random, request);
        request.setName(name);
        request.setProject(EngineClient.PROJECT).setDomain(EngineClient.DOMAIN);
      }
      client.admin().createExecution(request.build());
      accepted++;
    }

    private static void change(Random random, Message.Builder message) {
      for (var count = 1 + random.nextInt(3); count > 0; count--) {
        new RandomMessages(random, 5).change(message);
      }
    }
  }
}
