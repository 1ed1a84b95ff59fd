package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class DatabaseTest {
  @Test
  void aFreshDatabaseHasTheTablesAndForgetsNothing() {
    try (var database = TestingDatabase.create()) {
      assertThat(database.sql().fetchSingle("show fsync").get(0)).isEqualTo("on");
      assertThat(database.sql().fetchSingle("show synchronous_commit").get(0)).isEqualTo("on");
      assertThat(database.sql().fetchSingle("select count(*) from event_journal").get(0))
          .isEqualTo(0L);
    }
  }
}
