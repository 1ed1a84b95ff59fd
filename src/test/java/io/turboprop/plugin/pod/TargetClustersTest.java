package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.ExecutionId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetClustersTest {
  private static final int EXECUTIONS = 4000;

  private static final String FLEET =
      """
      kubeconfig = /default, namespace = "{{ project }}", requests-per-second = 7
      clusters {
        default { labels = [cpu], pools = [shared] }
        gpu { kubeconfig = /gpu, labels = [gpu], pools = [shared], namespace = gpus }
        large { kubeconfig = /large, labels = [gpu, large], pools = [secret] }
        leaving { context = old, labels = [cpu, old], pools = [old], weight = 0 }
      }
      """;

  private static TargetClusters clusters(String settings) {
    return TargetClusters.from(
        ConfigFactory.parseString(settings)
            .withFallback(
                ConfigFactory.parseResources("reference.conf").getConfig("turboprop.plugins.pod"))
            .resolve());
  }

  private static Map<String, TargetCluster> byId(TargetClusters clusters) {
    return clusters.all().stream().collect(Collectors.toMap(TargetCluster::id, each -> each));
  }

  /** The clusters to which many executions go. */
  private static Set<String> chosen(TargetClusters clusters, String label, String pool) {
    return IntStream.range(0, EXECUTIONS)
        .mapToObj(number -> clusters.choose(execution(number), label, pool))
        .flatMap(chosen -> chosen.map(TargetCluster::id).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static ExecutionId execution(int number) {
    return new ExecutionId("p", "d", "f" + number);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', default gpu large",
    "cpu, '', default",
    "gpu, '', gpu large",
    "large, '', large",
    "unknown, '', default gpu large",
    "old, '', default gpu large",
    "'', shared, default gpu",
    "gpu, shared, gpu",
    "large, shared, default gpu",
    "cpu, secret, large",
    "'', old, ''",
    "gpu, unknown, ''",
  })
  void executionsGoToTheClustersOfTheirPoolAndLabel(String label, String pool, String expected) {
    assertThat(String.join(" ", chosen(clusters(FLEET), label, pool))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"'', large", "cpu, default", "unknown, default gpu large"})
  void executionWithoutALabelGetsTheDefaultLabel(String label, String expected) {
    var clusters = clusters(FLEET + "default-execution-label = large");
    assertThat(String.join(" ", chosen(clusters, label, ""))).isEqualTo(expected);
  }

  @Test
  void poolDoesNotCountWhileNoClusterNamesAny() {
    assertThat(chosen(clusters(""), "gpu", "somewhere")).containsExactly("default");
  }

  @Test
  void weightsAreShares() {
    var clusters =
        clusters("clusters { a { context = a, weight = 2 }, b { context = b, weight = 0.5 } }");
    var counts = new HashMap<String, Integer>();
    for (int number = 0; number < EXECUTIONS; number++) {
      counts.merge(clusters.choose(execution(number), "", "").orElseThrow().id(), 1, Integer::sum);
    }
    assertThat(counts.get("a") / (double) EXECUTIONS).isCloseTo(2 / 3.5, within(0.03));
    assertThat(counts.get("b") / (double) EXECUTIONS).isCloseTo(0.5 / 3.5, within(0.03));
  }

  @Test
  void newClusterTakesItsShareAndMovesNoOther() {
    var before = clusters("clusters { a { context = a } }");
    var after = clusters("clusters { a { context = a }, b { context = b } }");
    for (int number = 0; number < EXECUTIONS; number++) {
      var now = after.choose(execution(number), "", "").orElseThrow().id();
      if (!now.equals("b")) {
        assertThat(now).isEqualTo(before.choose(execution(number), "", "").orElseThrow().id());
      }
    }
  }

  @Test
  void entryChangesTheSettingsOfItsClusterAlone() {
    var clusters = byId(clusters(FLEET));
    assertThat(clusters.keySet()).containsExactlyInAnyOrder("default", "gpu", "large", "leaving");
    var gpu = clusters.get("gpu").settings().cluster();
    assertThat(gpu.namespace()).isEqualTo("gpus");
    assertThat(gpu.access().kubeconfig()).isEqualTo("/gpu");
    assertThat(gpu.access().section()).isEqualTo("turboprop.plugins.pod.clusters.gpu");
    assertThat(gpu.access().bounds().perSecond()).isEqualTo(7);
    var own = clusters.get("default").settings().cluster();
    assertThat(own.namespace()).isEqualTo("{{ project }}");
    assertThat(own.access().section()).isEqualTo("turboprop.plugins.pod");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clusters.gpu.labels = [gpu] | clusters | default and gpu are the same cluster",
        "clusters { a.context = x, b.context = x } | clusters | a and b are the same cluster",
        "clusters { default.weight = 0 } | clusters | every cluster has the weight 0",
        "clusters { GPU.context = x } | clusters | 'GPU' is no name for a cluster",
        "clusters { a { context = x, weight = -1 } } | clusters.a.weight | -1.0 is less than 0",
        "clusters { a { context = x, page-size = 0 } } | clusters.a.page-size | 0 is less than 1"
      })
  void wrongSettingsAreRefusedAtTheStart(String settings, String setting, String problem) {
    assertThatThrownBy(() -> clusters(settings))
        .isInstanceOf(ConfigException.BadValue.class)
        .hasMessageContaining("turboprop.plugins.pod." + setting)
        .hasMessageContaining(problem);
  }
}
