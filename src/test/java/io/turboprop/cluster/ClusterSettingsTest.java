package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.turboprop.cluster.ClusterSettings.Discovery;
import io.turboprop.store.Sharing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The section {@code turboprop.cluster}. */
final class ClusterSettingsTest {
  private static ClusterSettings read(String text) {
    return ClusterSettings.from(
        ConfigFactory.parseString(text)
            .withFallback(ConfigFactory.defaultReference())
            .resolve()
            .getConfig("turboprop"));
  }

  @Test
  void byDefaultANodeIsAloneAndDoesEverything() {
    var settings = read("");
    assertThat(settings.isStandalone()).isTrue();
    assertThat(settings.sharing()).isEqualTo(Sharing.STANDALONE);
    assertThat(settings.roles()).containsExactlyInAnyOrder(Role.values());
    assertThat(settings.management().enabled()).isFalse();
  }

  @Test
  void seedsMakeItANodeOfACluster() {
    var settings =
        read(
            """
            turboprop.cluster { roles = [executor], seeds = ["a:25520", "b:25520"], port = 25520 }
            """);
    assertThat(settings.sharing()).isEqualTo(Sharing.CLUSTER);
    assertThat(settings.has(Role.EXECUTOR)).isTrue();
    assertThat(settings.has(Role.DOOR)).isFalse();
    assertThat(settings.meetingPoints()).containsExactlyInAnyOrder("a:25520", "b:25520");
  }

  @Test
  void discoveryNeedsPekkoManagement() {
    var settings = read("turboprop.cluster { discovery = dns, service = nodes, port = 25520 }");
    assertThat(settings.discovery()).isEqualTo(Discovery.DNS);
    assertThat(settings.management().enabled()).isTrue();
    assertThat(settings.meetingPoints()).containsExactly("dns:nodes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          roles = [door, kitchen]                 | turboprop.cluster.roles     | 'kitchen' is not a role
          roles = []                              | turboprop.cluster.roles     | a node has one of
          seeds = ["a"], port = 1                 | turboprop.cluster.seeds     | 'a' is not host:port
          seeds = ["a:1"]                         | turboprop.cluster.port      | needs a port of its own
          discovery = kubernetes                  | turboprop.cluster.port      | needs a port of its own
          discovery = telepathy, port = 1         | turboprop.cluster.discovery | seeds, dns, kubernetes
          """)
  void aMistakeIsRefusedByTheNameOfItsSetting(String given, String setting, String reason) {
    assertThatThrownBy(() -> read("turboprop.cluster { %s }".formatted(given)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(setting)
        .hasMessageContaining(reason);
  }
}
