package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodSettingsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"", "http://turboprop.flyte", "https://[fd00::1]:443/", "http://10.0.0.1:80"})
  void addressOfTheApiIsTaken(String endpoint) {
    assertThat(PodPhasesTest.settings("api-endpoint = \"" + endpoint + "\"").apiEndpoint())
        .isEqualTo(endpoint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.1:80", "turboprop.flyte", "http://", "ftp://host", "http://host/path"})
  void whatIsNoAddressOfAnApiIsRefusedAtTheStart(String endpoint) {
    assertThatThrownBy(() -> PodPhasesTest.settings("api-endpoint = \"" + endpoint + "\""))
        .isInstanceOf(ConfigException.BadValue.class)
        .hasMessageContaining("turboprop.plugins.pod.api-endpoint")
        .hasMessageContaining("'" + endpoint + "' is not of the form http://HOST:PORT");
  }
}
