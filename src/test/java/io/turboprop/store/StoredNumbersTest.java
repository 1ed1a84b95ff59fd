package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.Execution.ExecutionError.ErrorKind;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.store.AttemptTables.State;
import io.turboprop.workflow.state.AttemptSummary.CacheStatus;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tests the numbers by which rows refer to constants: they are Flyte's, or ours for ever. */
class StoredNumbersTest {
  @Test
  void kindsOfEntitiesHaveTheNumbersOfFlyte() {
    for (var kind : EntityId.Kind.values()) {
      assertThat(ResourceType.forNumber(kind.number())).hasToString(kind.name());
      assertThat(EntityId.Kind.of(kind.number())).isEqualTo(kind);
    }
  }

  @Test
  void kindsOfErrorsHaveTheNumbersOfFlyte() {
    for (var kind : ExecutionError.Kind.values()) {
      assertThat(ErrorKind.forNumber(kind.number())).hasToString(kind.name());
      assertThat(ExecutionError.Kind.of(kind.number())).isEqualTo(kind);
    }
  }

  @Test
  void cacheStatesHaveTheNumbersOfFlyte() {
    for (var status : CacheStatus.values()) {
      assertThat(CatalogCacheStatus.forNumber(status.number()).name()).endsWith(status.name());
      assertThat(CacheStatus.of(status.number())).isEqualTo(status);
    }
  }

  @Test
  void statesOfAttemptsKeepTheirNumbers() {
    assertThat(Arrays.stream(State.values()).map(state -> state.name() + " " + state.number()))
        .containsExactly("QUEUED 0", "LEASED 1", "ENDED 2", "FINISHED 3");
  }

  @Test
  void aNumberThatThisVersionDoesNotKnowIsRefused() {
    assertThatThrownBy(() -> EntityId.Kind.of(99)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ExecutionError.Kind.of(99))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CacheStatus.of(99)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> State.of(99)).isInstanceOf(IllegalArgumentException.class);
  }
}
