package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownHostsTest {
  private final KnownHosts hosts =
      new KnownHosts(
          "127.0.0.1",
          Optional.of("https://Flyte.example.com/base"),
          List.of("turboprop", "*.flyte.svc", "10.1.2.3"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:30080",
        "localhost.:1",
        "flyte.localhost:80",
        "127.0.0.1:30080",
        "127.9.9.9",
        "[::1]:30080",
        "[::1]",
        "::1",
        "flyte.example.com",
        "flyte.example.com:443",
        "turboprop:30080",
        "a.flyte.svc",
        "a.b.flyte.svc:80",
        "10.1.2.3:1"
      })
  void namesOfThisServerAreKnown(String authority) {
    assertThat(hosts.knows(authority)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":30080",
        "other.example",
        "other.example:30080",
        "localhost.other.example",
        "127.0.0.1.other.example",
        "xlocalhost",
        "other.example:80@localhost",
        "localhost:80:80",
        "flyte.svc",
        "xflyte.svc",
        "a.flyte.svc.other.example",
        "10.1.2.4",
        "999.0.0.1",
        "0x7f.1",
        "[::2]",
        "[::1].other.example",
        "null"
      })
  void otherNamesAreNot(String authority) {
    assertThat(hosts.knows(authority)).isFalse();
  }

  @Test
  void aServerThatListensEverywhereAnswersToAddressesButNotToNames() {
    var everywhere = new KnownHosts("0.0.0.0", Optional.empty(), List.of());
    assertThat(everywhere.knows("10.244.0.7:30080")).isTrue();
    assertThat(everywhere.knows("[fd00::7]:30080")).isTrue();
    assertThat(everywhere.knows("other.example")).isFalse();
  }

  @Test
  void aStarAllowsEveryName() {
    assertThat(new KnownHosts("::1", Optional.empty(), List.of("*")).knows("other.example:1"))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://x", "x:80", "*.", "a.*.b", "a b"})
  void anEntryThatIsNoHostIsRefused(String entry) {
    assertThatThrownBy(() -> new KnownHosts("::1", Optional.empty(), List.of(entry)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("turboprop.admin.hosts has [" + entry + "]");
  }

  @Test
  void aPublicUrlWithoutAHostIsRefused() {
    assertThatThrownBy(() -> new KnownHosts("::1", Optional.of("flyte"), List.of()))
        .hasMessageContaining("turboprop.admin.public-url");
  }
}
