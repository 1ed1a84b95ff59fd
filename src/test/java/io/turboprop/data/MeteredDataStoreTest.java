package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.metric.Meters;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MeteredDataStoreTest {
  private static final DataReference OBJECT = new DataReference("mem://turboprop/x");
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void callsAreCountedByWhatTheyDoAndHowTheyEnd() throws IOException {
    var store = new MeteredDataStore(new MemoryDataStore(), new Meters(registry));
    store.write(OBJECT, ByteString.EMPTY);
    store.read(OBJECT, 10);
    store.read(OBJECT, 10);
    assertThatThrownBy(() -> store.read(store.base().child("y"), 10))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store.delete(new DataReference("/etc")))
        .isInstanceOf(IOException.class);

    assertThat(count("write", "ok")).isEqualTo(1);
    assertThat(count("read", "ok")).isEqualTo(2);
    assertThat(count("read", "missing")).isEqualTo(1);
    assertThat(count("delete", "denied")).isEqualTo(1);
    assertThat(count("list", "failed")).isZero();
    assertThat(registry.get("turboprop.data.call_ms").tag("operation", "read").summary().count())
        .isEqualTo(3);
  }

  @Test
  void anOutageIsAFailure() {
    var away = new FailingDataStore(new MemoryDataStore(), () -> true);
    var store = new MeteredDataStore(away, new Meters(registry));
    assertThatThrownBy(() -> store.size(OBJECT)).isInstanceOf(IOException.class);
    assertThat(count("look", "failed")).isEqualTo(1);
  }

  private double count(String operation, String outcome) {
    return registry
        .get("turboprop.data.calls")
        .tags("operation", operation, "outcome", outcome)
        .counter()
        .count();
  }
}
