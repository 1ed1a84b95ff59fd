package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ThreadPriorityTest {
  /** The field of {@code /proc/…/stat} after the command, which may have blanks itself. */
  private static final int NICE = 16;

  @Test
  void onlyTheCallingThreadIsLowered() throws Exception {
    var before = nice();
    var lowered = new CompletableFuture<Integer>();
    Thread.ofPlatform()
        .start(() -> {
          ThreadPriority.lower();
          lowered.complete(nice());
        })
        .join();
    assertThat(lowered.join()).isEqualTo(Math.max(10, before));
    assertThat(nice()).isEqualTo(before);
  }

  private static int nice() {
    try {
      var stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[NICE]);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
