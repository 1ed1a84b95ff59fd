package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutOfMemoryKillsTest {
  @TempDir Path root;

  @BeforeEach
  void countOfTheMachine() throws IOException {
    write("proc/vmstat", "nr_free_pages 1\noom_kill 5\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0::/engine.slice, sys/fs/cgroup/engine.slice/memory.events",
    "0::/, sys/fs/cgroup/memory.events",
    "4:memory:/a/b, sys/fs/cgroup/memory/a/b/memory.oom_control",
    "4:memory:/a/b, sys/fs/cgroup/memory/memory.oom_control"
  })
  void onlyKillsInTheEnginesOwnGroupCount(String group, String counters) throws IOException {
    write("proc/self/cgroup", "9:name=systemd:/\n" + group + "\n");
    write(counters, "oom 0\noom_kill 2\n");
    var kills = new OutOfMemoryKills(root);
    kills.begin("a");

    write("proc/vmstat", "oom_kill 6\n");
    assertThat(kills.happenedSince("a")).isFalse();
    write(counters, "oom 1\noom_kill 3\n");
    assertThat(kills.happenedSince("a")).isTrue();
    assertThat(kills.happenedSince("never begun")).isFalse();
  }

  @Test
  void withoutGroupsTheMachinesKillsCount() throws IOException {
    write("proc/self/cgroup", "0::/engine.slice\n");
    var kills = new OutOfMemoryKills(root);
    kills.begin("a");

    assertThat(kills.happenedSince("a")).isFalse();
    write("proc/vmstat", "oom_kill 6\n");
    assertThat(kills.happenedSince("a")).isTrue();
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }
}
