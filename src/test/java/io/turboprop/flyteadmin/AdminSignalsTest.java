package io.turboprop.flyteadmin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.core.IdentifierOuterClass.SignalIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import io.turboprop.data.NodePath;
import io.turboprop.data.Outage;
import io.turboprop.event.TestingPlans;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.Database;
import io.turboprop.store.EngineLock;
import io.turboprop.store.FlyteAdminSignalTables;
import io.turboprop.store.ReportedExecutions;
import io.turboprop.store.ResourceTables;
import io.turboprop.store.ResourceTables.Acceptance;
import io.turboprop.store.ResourceTables.NewResource;
import io.turboprop.store.ResourceTables.Resource;
import io.turboprop.store.SignalTables;
import io.turboprop.store.TestingDatabase;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Gates of executions that have come from FlyteAdmin, and of a client's, behind its double. */
@Tag("integration")
class AdminSignalsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final NodePath GATE = NodePath.root("n1");
  private static final NodePath INNER = NodePath.root("n2").child(0, "n0");
  private static final ByteString TYPE =
      LiteralType.newBuilder().setSimple(SimpleType.BOOLEAN).build().toByteString();
  private static final Literal YES = yes();

  private final Database database = TestingDatabase.create();
  private final SignalTables tables = new SignalTables(database);
  private final FlyteAdminSignalTables awaited =
      new FlyteAdminSignalTables(database, ReportedExecutions.RESOURCES);
  private final List<String> told = new ArrayList<>();
  private TestingFlyteAdmin admin;
  private FlyteAdminChannel channel;
  private AdminSignals signals;
  private SignalWatch watch;
  private AcceptedExecution ofResource;
  private AcceptedExecution ofClient;

  private static Literal yes() {
    var literal = Literal.newBuilder();
    literal.getScalarBuilder().getPrimitiveBuilder().setBoolean(true);
    return literal.build();
  }

  @BeforeEach
  void start() throws IOException {
    admin = TestingFlyteAdmin.start();
    var settings = admin.settings("30s");
    channel = FlyteAdminChannel.open(settings.connection());
    signals =
        new AdminSignals(
            channel.channel(),
            settings.connection().callTimeout(),
            (execution, gate, signalId, type) ->
                CompletableFuture.completedFuture(
                    tables.getOrAwait(execution.number(), signalId, type, gate)),
            awaited,
            Runnable::run);
    watch =
        new SignalWatch(
            awaited,
            tables,
            new EngineLock(database, "signals"),
            signals,
            (execution, gate) -> told.add(execution.name() + " " + gate.text()),
            Duration.ofHours(1));
    var resources = new ResourceTables(database);
    var resource = new Resource("uid", "ns", "resource");
    var accepted =
        resources.accept(
            new NewResource(resource, 1, ByteString.EMPTY, null),
            TestingPlans.execution("resource", NOW));
    ofResource = ((Acceptance.Accepted) accepted).execution();
    ofClient =
        new AcceptanceTables(database).accept(TestingPlans.execution("client", NOW)).orElseThrow();
    assertThat(resources.of(ofResource.id())).contains(resource);
    assertThat(resources.of(ofClient.id())).isEmpty();
  }

  @AfterEach
  void stop() {
    watch.close();
    channel.close();
    admin.close();
    database.close();
  }

  private Optional<ByteString> check(AcceptedExecution execution, NodePath gate, String signal) {
    return signals.getOrAwait(execution, gate, signal, TYPE).toCompletableFuture().join();
  }

  /** The client connects again after a pause of its own. */
  private void lookWhenReached() {
    var end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (true) {
      try {
        watch.look();
        return;
      } catch (UncheckedIOException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
  }

  private static WorkflowExecutionIdentifier id(AcceptedExecution execution) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject(execution.id().project())
        .setDomain(execution.id().domain())
        .setName(execution.id().name())
        .build();
  }

  /** Whether FlyteAdmin knows the signal, which it then has a value for. */
  private boolean send(AcceptedExecution execution, String signal) {
    return admin.send(
        SignalIdentifier.newBuilder().setSignalId(signal).setExecutionId(id(execution)).build(),
        YES);
  }

  @Test
  void valueThatFlyteAdminGetsOpensTheGatesThatWait() {
    assertThat(check(ofResource, GATE, "s")).isEmpty();
    assertThat(check(ofResource, INNER, "s")).isEmpty();
    watch.look();
    assertThat(told).isEmpty();

    assertThat(send(ofResource, "s")).isTrue();
    watch.look();
    watch.look();

    assertThat(told).containsExactly("resource n1", "resource " + INNER.text());
    assertThat(check(ofResource, GATE, "s")).contains(YES.toByteString());
  }

  @Test
  void valueThatFlyteAdminHasAlreadyOpensTheGateAtOnce() {
    check(ofResource, GATE, "s");
    send(ofResource, "s");

    assertThat(check(ofResource, INNER, "s")).contains(YES.toByteString());
  }

  @Test
  void valueThatThisEngineGetsOpensTheGateAsWell() {
    check(ofResource, GATE, "s");

    assertThat(tables.set(ofResource.number(), "s", YES.toByteString())).contains(List.of(GATE));

    assertThat(check(ofResource, GATE, "s")).contains(YES.toByteString());
    assertThat(awaited.awaited(0, 10)).isEmpty();
  }

  @Test
  void gateOfAClientsExecutionIsNotFlyteAdmins() {
    assertThat(check(ofClient, GATE, "s")).isEmpty();

    assertThat(send(ofClient, "s")).isFalse();
    assertThat(awaited.awaited(0, 10)).isEmpty();
  }

  @Test
  void gateWaitsWhileFlyteAdminIsAwayAndItsSignalIsMadeKnownLater() throws Exception {
    admin.interrupt();
    assertThat(check(ofResource, GATE, "s")).isEmpty();
    assertThatThrownBy(watch::look)
        .matches(Outage::isCauseOf)
        .hasMessageContaining("FlyteAdmin does not give the signal 's' of p:d:resource now");

    admin.resume();
    lookWhenReached();
    assertThat(send(ofResource, "s")).isTrue();
    watch.look();

    assertThat(told).containsExactly("resource n1");
  }

  @Test
  void gateOfAnExecutionThatFlyteAdminDoesNotKnowWaits() {
    admin.know(id(ofResource), false);

    assertThat(check(ofResource, GATE, "s")).isEmpty();
    watch.look();

    assertThat(told).isEmpty();
  }
}
