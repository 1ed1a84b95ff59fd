package io.turboprop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class EngineSettingsTest {

  @Test
  void theEndpointOfAnAddressOfIpVersion6HasAHostAndAPort() {
    assertThat(EngineSettings.endpoint("::1", 30080))
        .isEqualTo(URI.create("http://[::1]:30080"))
        .hasHost("[::1]")
        .hasPort(30080);
    assertThat(EngineSettings.endpoint("[::1]", 30080)).hasHost("[::1]");
    assertThat(EngineSettings.endpoint("127.0.0.1", 30080))
        .isEqualTo(URI.create("http://127.0.0.1:30080"));
  }
}
