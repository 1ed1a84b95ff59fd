package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import io.turboprop.engine.EchoKinds.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * This version and another one, one after the other on one data folder while executions of each
 * kind are under way: none fails for it, and all end under this version.
 *
 * <p>The other version is a jar with its libraries in {@code lib} beside it: {@code mvn verify
 * -Dturboprop.other-version=/path/turboprop.jar -Dtest=OtherVersionTest}.
 */
@Tag("integration")
class OtherVersionTest {
  private static final String OTHER = "turboprop.other-version";

  /** Long enough for all kinds to be met asleep under one version after the other. */
  private static final Duration SLEEP = Duration.ofSeconds(20);

  @TempDir private Path folder;

  private static Optional<Path> other() {
    var jar = System.getProperty(OTHER, "");
    assumeTrue(
        !jar.isEmpty() && Files.isRegularFile(Path.of(jar)),
        "no other version of the engine is given: -D%s=JAR".formatted(OTHER));
    return Optional.of(Path.of(jar));
  }

  @Test
  void whatTheOtherVersionHasBegunEndsUnderThisOne() throws Exception {
    try (var engine = new EngineProcess(folder).withVersion(other()).start();
        var client = new EngineClient(engine)) {
      var kinds = new RunningKinds(client, "o-", new EchoKinds(client, SLEEP).all()).start();
      kinds.awaitBegun(Kind::first);
      engine.kill();
      engine.withVersion(Optional.empty()).start();
      client.reconnect();
      requireEnds(kinds);
    }
  }

  /**
   * The other version continues as far as it can read what this version has stored. An older
   * version may refuse tables that are newer than it knows; then it has changed nothing.
   */
  @Test
  void whatThisVersionHasBegunIsNotLostUnderTheOtherOne() throws Exception {
    var other = other();
    try (var engine = new EngineProcess(folder).start();
        var client = new EngineClient(engine)) {
      var kinds = new RunningKinds(client, "t-", new EchoKinds(client, SLEEP).all()).start();
      kinds.awaitBegun(Kind::first);
      engine.kill();
      if (starts(engine.withVersion(other))) {
        client.reconnect();
        kinds.awaitBegun(Kind::second);
        engine.kill();
      }
      engine.withVersion(Optional.empty()).start();
      client.reconnect();
      requireEnds(kinds);
    }
  }

  private static boolean starts(EngineProcess engine) throws IOException {
    try {
      engine.start();
      return true;
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("the tables are of version");
      return false;
    }
  }

  private static void requireEnds(RunningKinds running) {
    running.awaitEnd();
    for (var kind : running.kinds()) {
      assertThat(running.client().phase(running.run() + kind.name()))
          .as(kind.name())
          .isEqualTo(kind.name().equals("failure") ? Phase.FAILED : Phase.SUCCEEDED);
    }
  }
}
