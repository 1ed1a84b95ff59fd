package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Literals.KeyValuePair;
import flyteidl.core.Security.Secret;
import flyteidl.core.Tasks.Container;
import io.turboprop.data.Literals;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskEnvironmentTest {
  private static final WorkDirectory DIRECTORY =
      new WorkDirectory(Path.of("/work/abc"), Path.of("/logs/abc"));

  @TempDir Path folder;

  private static final Map<String, String> STORE =
      Map.of("FLYTE_AWS_ENDPOINT", "http://minio:9000");

  @Test
  void aTaskSeesASmallBaseAndFlytesVariables() throws Exception {
    var variables =
        variables("python-path = [/src, /lib]", container(), Map.of("SHELL", "/bin/sh"));

    assertThat(variables)
        .containsEntry("PATH", "/venv/bin:/usr/local/bin:/usr/bin:/bin")
        .containsEntry("HOME", "/work/abc")
        .containsEntry("TMPDIR", "/work/abc/tmp")
        .containsEntry("PYTHONPATH", "/src:/lib")
        .containsEntry("FLYTE_PLATFORM_URL", "host:8089")
        .containsEntry("FLYTE_PLATFORM_INSECURE", "true")
        .containsEntry("FLYTE_AWS_ENDPOINT", "http://minio:9000")
        .containsEntry(
            "FLYTE_INTERNAL_EXECUTION_WORKFLOW", "flytesnacks:development:module.workflow")
        .containsEntry("FLYTE_INTERNAL_EXECUTION_ID", "abc")
        .containsEntry("FLYTE_ATTEMPT_NUMBER", "0")
        .containsEntry("FLYTE_INTERNAL_TASK_NAME", "module.task")
        .containsEntry("FLYTE_INTERNAL_TASK_VERSION", "v1")
        .doesNotContainKeys("SHELL", "FLYTE_EXECUTION_URL");
  }

  @Test
  void laterVariablesWin() throws Exception {
    var container = container();
    add(container, "LANG", "C");
    add(container, "FLYTE_ATTEMPT_NUMBER", "7");
    add(container, "FROM_EXECUTION", "no");
    add(container, "INSTALLED", "no");
    add(container, "OWN", "x");

    assertThat(variables("environment { INSTALLED = yes }", container, Map.of()))
        .containsEntry("LANG", "C")
        .containsEntry("FLYTE_ATTEMPT_NUMBER", "0")
        .containsEntry("FROM_EXECUTION", "yes")
        .containsEntry("INSTALLED", "yes")
        .containsEntry("OWN", "x");
  }

  @Test
  void theEnginesVariablesArePassedOnByName() throws Exception {
    assertThat(variables("environment-from = [A, B]", container(), Map.of("A", "1", "C", "2")))
        .containsEntry("A", "1")
        .doesNotContainKeys("B", "C");
  }

  @Test
  void aTaskGetsTheSecretsThatItAsksForAndNoOthers() throws Exception {
    var own = Map.of("_FSEC_USERDB_PASSWORD", "p", "_FSEC_USERDB_OTHER", "o");
    var template = TestingTask.template(container()).toBuilder();
    template
        .getSecurityContextBuilder()
        .addSecrets(Secret.newBuilder().setGroup("userdb").setKey("password").setEnvVar("PW"))
        .addSecrets(Secret.newBuilder().setGroup("api").setKey("token"))
        .addSecrets(Secret.newBuilder().setGroup("un").setKey("known"));
    var task = new TestingTask(folder, "a-n0-0", template.build(), Literals.EMPTY);

    assertThat(variables("secrets { _FSEC_API_TOKEN = t }", task, own))
        .containsEntry("_FSEC_USERDB_PASSWORD", "p")
        .containsEntry("PW", "p")
        .containsEntry("_FSEC_API_TOKEN", "t")
        .doesNotContainKeys("_FSEC_USERDB_OTHER", "_FSEC_UN_KNOWN");
  }

  @Test
  void aTaskThatShowsLinksKnowsItsExecutionsPage() throws Exception {
    var template =
        TestingTask.template(container()).toBuilder().putConfig("link_type", "x").build();
    var task = new TestingTask(folder, "a-n0-0", template, Literals.EMPTY);

    assertThat(variables("console-url = \"http://c\"", task, Map.of()))
        .containsEntry(
            "FLYTE_EXECUTION_URL",
            "http://c/projects/flytesnacks/domains/development/executions/abc/nodeId/n0/nodes");
    assertThat(variables("", task, Map.of()))
        .containsEntry(
            "FLYTE_EXECUTION_URL",
            "http://host:8089/console/projects/flytesnacks/domains/development/executions/abc/nodeId/n0/nodes");
  }

  private static Container.Builder container() {
    return Container.newBuilder();
  }

  private static void add(Container.Builder container, String key, String value) {
    container.addEnv(KeyValuePair.newBuilder().setKey(key).setValue(value));
  }

  private Map<String, String> variables(
      String settings, Container.Builder container, Map<String, String> own) throws Exception {
    var template = TestingTask.template(container);
    return variables(settings, new TestingTask(folder, "a-n0-0", template, Literals.EMPTY), own);
  }

  private static Map<String, String> variables(
      String settings, TestingTask task, Map<String, String> own) throws Exception {
    var environment =
        new TaskEnvironment(
            LocalSettings.from(TestingPlugin.config(settings)), "http://host:8089", STORE, own);
    var python = Optional.of(new PythonEnvironment(Path.of("/venv/bin/python3")));
    return environment.of(task, ContainerSpec.of(task.template()), DIRECTORY, python);
  }
}
