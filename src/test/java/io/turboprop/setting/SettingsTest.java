package io.turboprop.setting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.turboprop.cluster.Waker;
import io.turboprop.cluster.WorkflowSettings;
import io.turboprop.node.NodeSettings;
import io.turboprop.store.StoreSettings;
import io.turboprop.workflow.state.ExecutionSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

  @Test
  void theDefaultsAreWithinTheirBounds() {
    assertThat(WorkflowSettings.from(settings("")).executions())
        .isEqualTo(ExecutionSettings.DEFAULT);
    NodeSettings.from(settings(""));
    Waker.Settings.from(settings(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          workflow.max-parallelism = -1         | turboprop.workflow.max-parallelism         | -1 is less than 0
          workflow.shards = 0                   | turboprop.workflow.shards                  | 0 is less than 1
          workflow.inline-max = 3GiB            | turboprop.workflow.inline-max              | bytes are not in 0 to
          workflow.idle-after = 0s              | turboprop.workflow.idle-after              | not longer than zero
          workflow.back-off-max = 1ms           | turboprop.workflow.back-off-max            | shorter than turboprop.workflow.back-off-min
          node.call-failures = 0                | turboprop.node.call-failures               | 0 is less than 1
          node.speculation.part = 1.5           | turboprop.node.speculation.part            | 1.5 is not in 0.0 to 1.0
          node.speculation.at-least = -1s       | turboprop.node.speculation.at-least        | negative
          node.dynamic.depth-max = 0            | turboprop.node.dynamic.depth-max           | 0 is less than 1
          waker.batch = 0                       | turboprop.waker.batch                      | 0 is less than 1
          store.journal.queued-max = 0          | turboprop.store.journal.queued-max         | 0 bytes are not in 1 to
          """)
  void whatIsOutOfItsBoundsIsNamedWithItsPlace(String setting, String name, String reason) {
    assertThatThrownBy(
            () -> {
              var settings = settings(setting);
              WorkflowSettings.from(settings);
              NodeSettings.from(settings);
              Waker.Settings.from(settings);
              StoreSettings.from(settings.getConfig("store"));
            })
        .isInstanceOf(ConfigException.BadValue.class)
        .hasMessageContaining("'" + name + "'")
        .hasMessageContaining(reason)
        .hasMessageContaining(": 1: ");
  }

  private static Config settings(String changed) {
    return ConfigFactory.parseString(
            changed, ConfigParseOptions.defaults().setOriginDescription("my.conf"))
        .atPath("turboprop")
        .withFallback(ConfigFactory.defaultReference())
        .getConfig("turboprop");
  }
}
