package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.DataStore.UnavailableException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PreparationFailuresTest {
  private final PreparationFailures failures = new PreparationFailures();

  @Test
  void theSixthFailureIsTheLast() {
    var failure = new IOException("can't copy");
    for (var count = 1; count < 6; count++) {
      assertThat(failures.count("a", failure)).isEmpty();
    }
    assertThat(failures.count("b", failure)).isEmpty();
    assertThat(failures.count("a", failure).orElseThrow().message())
        .contains("6 times", "can't copy");
  }

  @Test
  void anOutageOfTheBlobStoreCostsNothing() {
    var outage = new UnavailableException(new IOException("connection refused"));
    for (var count = 0; count < 100; count++) {
      assertThat(failures.count("a", outage)).isEmpty();
    }
    assertThat(failures.count("a", new IOException("can't copy"))).isEmpty();
  }
}
