package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turboprop.postgres.PostgresServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StoreSettingsTest {

  @Test
  void parametersOfPostgresqlMayHaveDotsInTheirNames() {
    assertThat(
            parameters(
                """
                shared_buffers = 128MB
                auto_explain.log_min_duration = 1s
                auto_explain { log_analyze = on }
                "pg_stat_statements.max" = 500
                """))
        .isEqualTo(
            Map.of(
                "shared_buffers", "128MB",
                "auto_explain.log_min_duration", "1s",
                "auto_explain.log_analyze", "on",
                "pg_stat_statements.max", "500"));
  }

  private static Map<String, String> parameters(String text) {
    var server = StoreSettings.from(settings(text)).server();
    assertThat(server).isInstanceOf(PostgresServer.Embedded.class);
    return ((PostgresServer.Embedded) server).parameters();
  }

  private static Config settings(String parameters) {
    return ConfigFactory.parseString(parameters)
        .atPath("turboprop.store.embedded.parameters")
        .withFallback(ConfigFactory.defaultReference())
        .getConfig("turboprop.store");
  }
}
