package io.turboprop.admin.definitions;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.Common.Annotations;
import io.turboprop.admin.transport.AdminException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OwnAnnotationsTest {
  @ParameterizedTest
  @CsvSource({
    "turboprop.io/recompute-from, first",
    "turboprop.io/speculate, true",
    "turboprop.io/speculate, false",
    "example.org/speculate, yes"
  })
  void thoseThatThereAreAndThoseOfOthersPass(String key, String value) {
    OwnAnnotations.check(annotations(key, value));
  }

  @Test
  void anUnknownAnnotationIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(
            () -> OwnAnnotations.check(annotations("turboprop.io/recompute-form", "first")))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("'turboprop.io/recompute-form'")
        .hasMessageContaining("turboprop.io/recompute-from, turboprop.io/speculate");
  }

  @Test
  void valueThatMeansNothingIsRefused() {
    assertThatThrownBy(() -> OwnAnnotations.check(annotations("turboprop.io/speculate", "yes")))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("'true' or 'false', not 'yes'");
  }

  private static Annotations annotations(String key, String value) {
    return Annotations.newBuilder().putValues(key, value).build();
  }
}
