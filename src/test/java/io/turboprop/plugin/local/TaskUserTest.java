package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.turboprop.plugin.TaskTransition.Succeeded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the user that runs the tasks; runs as root only, since only root can change users. */
@Timeout(180)
class TaskUserTest {
  private static final String PLAIN =
      "warm-workers = false, slots = 2, python-environment = /bin/true, ";

  @TempDir Path folder;
  private Path secret;

  @BeforeEach
  void openFolder() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    secret =
        Files.createFile(
            folder.resolve("secret"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, "the password");
  }

  @Test
  void aTaskOfARootEngineReadsNoSecretOfTheEngine() throws Exception {
    assumeRoot();
    var plugin = new TestingPlugin(folder, PLAIN + "user = nobody");
    var script =
        "id -un; cat %s && echo READ; cat /proc/%d/environ > x && echo READ; exit 0"
            .formatted(secret, ProcessHandle.current().pid());
    var task = plugin.shell("a-n0-0", script);

    assertThat(plugin.run(task)).isInstanceOf(Succeeded.class);
    assertThat(plugin.directory(task).standardOutput()).hasContent("nobody\n");
    assertThat(plugin.directory(task).standardError()).content().contains("Permission denied");
  }

  @Test
  void itWritesItsOutputsAndReadsItsInputs() throws Exception {
    assumeRoot();
    var plugin = new TestingPlugin(folder, PLAIN + "user = nobody");
    var script =
        "set -e; test -r {{.input}}; echo x > {{.outputPrefix}}/outputs.pb;"
            + " mkdir {{.rawOutputDataPrefix}}/r; mkdir {{.checkpointOutputPrefix}}/c;"
            + " touch here $TMPDIR/there $HOME/home";
    var task = plugin.shell("a-n0-0", script);

    assertThat(plugin.run(task)).isInstanceOf(Succeeded.class);
    assertThat(task.outputFile("outputs.pb")).hasContent("x");
    assertThat(plugin.directory(task).root()).doesNotExist();
  }

  @Test
  void itIsAbortedLikeAnyOther() throws Exception {
    assumeRoot();
    var plugin = new TestingPlugin(folder, PLAIN + "abort-grace = 1s, user = nobody");
    var task = plugin.shell("a-n0-0", "setsid sleep 1000 & sleep 1000");
    var state = plugin.start(task);

    plugin.abort(task, state);

    assertThat(LocalProcess.parse(state).orElseThrow().isAlive()).isFalse();
    plugin.finish(task, state);
  }

  @Test
  void autoMeansNobodyWhereThatWorks() throws Exception {
    assumeRoot();
    var plugin = new TestingPlugin(folder, PLAIN);
    var task = plugin.shell("a-n0-0", "id -un");
    plugin.run(task);

    assertThat(plugin.directory(task).standardOutput()).hasContent("nobody\n");
  }

  @Test
  void autoMeansTheEnginesUserWhereNobodyCannotEnter() throws Exception {
    assumeRoot();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    var plugin = new TestingPlugin(folder, PLAIN);
    var task = plugin.shell("a-n0-0", "id -un");
    plugin.run(task);

    assertThat(plugin.directory(task).standardOutput()).hasContent("root\n");
  }

  /** A Python of pyenv falls back to Debian's libraries for a user that can't enter its folder. */
  @Test
  void autoMeansTheEnginesUserWhereThePythonDiffersForNobody() throws Exception {
    assumeRoot();
    var python = Files.writeString(folder.resolve("python"), "#!/bin/sh\nid -u\n");
    Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwxr-xr-x"));
    var plugin =
        new TestingPlugin(folder, "warm-workers = false, python-environment = \"" + python + "\"");
    var task = plugin.shell("a-n0-0", "id -un");
    plugin.run(task);

    assertThat(plugin.directory(task).standardOutput()).hasContent("root\n");
  }

  @Test
  void itMayBeTheEnginesOwn() throws Exception {
    var plugin = new TestingPlugin(folder, PLAIN + "user = \"\"");
    var task = plugin.shell("a-n0-0", "id -un");
    plugin.run(task);

    assertThat(plugin.directory(task).standardOutput())
        .hasContent(System.getProperty("user.name") + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such-user", "nobody"})
  void aNamedUserThatCanNotBeIsRefusedAtTheStart(String name) throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));

    assertThatThrownBy(() -> new TestingPlugin(folder, PLAIN + "user = " + name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("turboprop.plugins.local.user")
        .hasMessageContaining(name);
  }

  private static void assumeRoot() {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root: test skipped");
  }
}
