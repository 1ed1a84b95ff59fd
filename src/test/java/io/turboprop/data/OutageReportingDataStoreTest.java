package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class OutageReportingDataStoreTest {
  private static final DataReference OBJECT = new DataReference("mem://turboprop/x");

  @Test
  void aStoreThatFailsIsAnOutage() {
    var store =
        new OutageReportingDataStore(new FailingDataStore(new MemoryDataStore(), () -> true));
    assertThatThrownBy(() -> store.write(OBJECT, ByteString.EMPTY))
        .satisfies(failure -> {
          assertThat(Outage.isCauseOf(failure)).isTrue();
          assertThat(Outage.isCauseOf(new IllegalStateException("find", failure))).isTrue();
        });
  }

  @Test
  void anObjectThatIsNotThereIsNoOutage() {
    var store = new OutageReportingDataStore(new MemoryDataStore());
    assertThatThrownBy(() -> store.read(OBJECT, 1))
        .satisfies(missing -> assertThat(Outage.isCauseOf(missing)).isFalse());
  }
}
