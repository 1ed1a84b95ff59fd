package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests how a worker handles requests, by its messages and by the files that it writes. */
@Tag("integration")
class WorkerScriptTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Process worker;
  private BufferedReader words;

  @BeforeEach
  void start() throws Exception {
    var python = TestingPlugin.python();
    assumeTrue(python.isPresent(), "no Python with flytekit: run deploy/python-env");
    var script = Scripts.writeTo(folder.resolve("bin")).worker();
    worker =
        new ProcessBuilder(python.orElseThrow().toString(), script.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    words = worker.inputReader();
    assertThat(words.readLine()).contains("ready");
  }

  @AfterEach
  void end() {
    worker.destroyForcibly();
  }

  @Test
  @Timeout(180)
  void aTaskThatAnotherProcessHasStartedIsNotStartedAgain() throws Exception {
    Files.writeString(folder.resolve("process"), "1 2 another-boot\n");
    assertThat(endOf("pyflyte-execute", "--help")).contains("ended");
    assertThat(folder.resolve("exit_code")).doesNotExist();
    assertThat(folder.resolve("process")).hasContent("1 2 another-boot");
  }

  @Test
  @Timeout(180)
  void aTaskThatDiesBeforeItHasWrittenItselfDownHasFailed() throws Exception {
    Files.createDirectory(folder.resolve("stdout"));
    assertThat(endOf("pyflyte-execute", "--help")).contains("ended");
    assertThat(folder.resolve("exit_code")).hasContent("1");
  }

  /** The worker's last message about a task. */
  private String endOf(String... command) throws Exception {
    var request =
        Map.of(
            "name", "a",
            "directory", folder.toString(),
            "cwd", folder.toString(),
            "stdout", folder.resolve("stdout").toString(),
            "stderr", folder.resolve("stderr").toString(),
            "argv", List.of(command),
            "environment", Map.of());
    var requests = worker.outputWriter();
    requests.write(JSON.writeValueAsString(request) + "\n");
    requests.flush();
    assertThat(words.readLine()).contains("started");
    return words.readLine();
  }
}
