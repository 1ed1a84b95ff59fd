package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.kubernetes.client.KubernetesClient;
import io.turboprop.kubernetes.client.RequestMeters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesClientTest {
  @TempDir Path folder;

  private KubernetesPods pods(String settings, Map<String, String> environment) throws IOException {
    var all = PodPhasesTest.settings(settings);
    var client =
        new KubernetesClient(
            all.cluster().access(),
            environment,
            new RequestMeters(new SimpleMeterRegistry(), "test"));
    return new KubernetesPods(
        client, all, new Namespaces(client, all, (_, _) -> Map.of(), Clock.systemUTC()));
  }

  @Test
  void missingKubeconfigIsNamedWithItsSetting() {
    assertThatThrownBy(() -> pods("kubeconfig = \"" + folder.resolve("none") + "\"", Map.of()))
        .hasMessage(
            "there is no kubeconfig %s; name one in turboprop.plugins.pod.kubeconfig"
                .formatted(folder.resolve("none")));
  }

  @Test
  void missingContextIsNamedWithItsSetting() throws IOException {
    try (var kubernetes = new TestingKubernetes()) {
      var file = kubernetes.kubeconfig(folder);

      assertThatThrownBy(
              () -> pods("kubeconfig = \"%s\", context = other".formatted(file), Map.of()))
          .hasMessage("%s has no context 'other' (turboprop.plugins.pod.context)".formatted(file));
    }
  }

  @Test
  void kubeconfigOfTheEnvironmentIsUsedWhereTheSettingsNameNone() throws IOException {
    try (var kubernetes = new TestingKubernetes();
        var pods = pods("", Map.of("KUBECONFIG", kubernetes.kubeconfig(folder).toString()))) {
      assertThat(pods.list("").objects()).isEmpty();
    }
  }

  @Test
  void expiredTokenIsReadAgain() throws IOException {
    try (var kubernetes = new TestingKubernetes();
        var pods = pods("kubeconfig = \"%s\"".formatted(kubernetes.kubeconfig(folder)), Map.of())) {
      kubernetes.accept("renewed");
      assertThatThrownBy(() -> pods.list("")).hasMessageContaining("does not take the credentials");
      var file = folder.resolve("kubeconfig");
      Files.writeString(file, Files.readString(file).replace("token: t", "token: renewed"));

      assertThat(pods.list("").objects()).isEmpty();
    }
  }
}
