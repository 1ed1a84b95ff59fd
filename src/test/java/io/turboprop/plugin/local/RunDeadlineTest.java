package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes, and the real guard. */
@Timeout(180)
class RunDeadlineTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(700);

  @TempDir private Path folder;
  private TestingPlugin plugin;

  @BeforeEach
  void open() throws Exception {
    plugin = new TestingPlugin(folder, "warm-workers = false");
  }

  @AfterEach
  void close() throws Exception {
    plugin.extendRunDeadline(Duration.ZERO);
    plugin.close();
  }

  @Test
  void theGuardKillsWhatRunsWhenTheTimeIsOver() throws Exception {
    plugin.extendRunDeadline(LONG);
    var task = plugin.shell("a", "setsid sleep 300 & sleep 300");
    var process = LocalProcess.parse(plugin.start(task)).orElseThrow();
    assertThat(plugin.extendRunDeadline(SHORT)).isTrue();
    ProcessHandle.of(process.pid()).orElseThrow().onExit().get(30, TimeUnit.SECONDS);
    assertThat(plugin.extendRunDeadline(LONG)).isFalse();
    assertThat(plugin.extendRunDeadline(LONG)).isTrue();
  }

  @Test
  void nothingIsStartedWhenTheTimeIsOver() throws Exception {
    plugin.extendRunDeadline(Duration.ZERO);
    var task = plugin.shell("a", "echo begun");
    assertThatThrownBy(() -> plugin.handle(task, ByteString.EMPTY))
        .hasStackTraceContaining("lost its lease");
    assertThat(plugin.directory(task).process()).isEmpty();
    plugin.extendRunDeadline(LONG);
    plugin.start(task);
  }

  @Test
  void zeroKillsEverythingAtOnceAlsoOfAnEarlierEngine() throws Exception {
    plugin.extendRunDeadline(LONG);
    var process = LocalProcess.parse(plugin.start(plugin.shell("a", "sleep 300"))).orElseThrow();
    var next = new TestingPlugin(folder, "warm-workers = false");
    assertThat(next.extendRunDeadline(LONG)).isTrue();
    assertThat(process.isAlive()).isTrue();
    assertThat(next.extendRunDeadline(Duration.ZERO)).isTrue();
    assertThat(process.isAlive()).isFalse();
    assertThat(next.extendRunDeadline(LONG)).isFalse();
    next.close();
  }

  @Test
  void anEngineThatComesTooLateIsToldSo() throws Exception {
    var file = plugin.folder().resolve("run-until");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "1 " + LocalProcess.thisBoot());
    assertThat(plugin.extendRunDeadline(LONG)).isFalse();
    var next = new TestingPlugin(folder, "warm-workers = false");
    Files.writeString(file, Long.MAX_VALUE / 2 + " of-another-boot");
    assertThat(next.extendRunDeadline(LONG)).isFalse();
    next.close();
  }

  @Test
  void withoutATimeThereIsNoLimit() throws Exception {
    plugin.start(plugin.shell("a", "sleep 300"));
    assertThat(plugin.folder().resolve("run-until")).doesNotExist();
  }
}
