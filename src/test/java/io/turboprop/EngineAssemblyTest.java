package io.turboprop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class EngineAssemblyTest {

  @Test
  void theEndpointOfAnAddressOfIpVersion6HasAHostAndAPort() {
    assertThat(EngineAssembly.endpoint("::1", 30080))
        .isEqualTo(URI.create("http://[::1]:30080"))
        .hasHost("[::1]")
        .hasPort(30080);
    assertThat(EngineAssembly.endpoint("[::1]", 30080)).hasHost("[::1]");
    assertThat(EngineAssembly.endpoint("127.0.0.1", 30080))
        .isEqualTo(URI.create("http://127.0.0.1:30080"));
  }
}
