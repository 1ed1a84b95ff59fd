package io.turboprop.admin.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What {@code /ready} answers. */
final class ReadinessTest {
  private static final Executor THREADS = Executors.newVirtualThreadPerTaskExecutor();

  private static AggregatedHttpResponse answer(Map<String, Readiness.Check> checks) {
    return new Readiness(checks, THREADS).answer().aggregate().join();
  }

  @Test
  void withoutTroubleItIs200() {
    var answer = answer(Map.of("database", Optional::empty));
    assertThat(answer.status()).isEqualTo(HttpStatus.OK);
    assertThat(answer.contentUtf8()).isEqualTo("{\"ready\":true,\"checks\":{\"database\":\"ok\"}}");
  }

  @Test
  void aCheckThatFailsIsNamed() {
    var checks = new LinkedHashMap<String, Readiness.Check>();
    checks.put("cluster", () -> Optional.of("the node is joining"));
    checks.put("database", Optional::empty);
    checks.put(
        "store",
        () -> {
          throw new IOException("no \"route\"");
        });
    var answer = answer(checks);
    assertThat(answer.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
    assertThat(answer.contentUtf8())
        .isEqualTo(
            "{\"ready\":false,\"checks\":{\"cluster\":\"the node is joining\",\"database\":\"ok\","
                + "\"store\":\"no \\\"route\\\"\"}}");
  }

  @Test
  void aCheckThatHangsIsTroubleAndIsNotStartedTwice() {
    var begun = new AtomicInteger();
    var end = new CountDownLatch(1);
    var readiness =
        new Readiness(
            Map.of(
                "database",
                () -> {
                  begun.incrementAndGet();
                  end.await();
                  return Optional.empty();
                }),
            THREADS);
    var first = readiness.results();
    var second = readiness.results();
    assertThat(first.join()).containsEntry("database", "no answer within 2 s");
    assertThat(second.join()).containsEntry("database", "no answer within 2 s");
    assertThat(begun).hasValue(1);
    end.countDown();
  }

  @Test
  void manyProbesAreOneCheck() {
    var begun = new AtomicInteger();
    var readiness =
        new Readiness(
            Map.of(
                "database",
                () -> {
                  begun.incrementAndGet();
                  return Optional.empty();
                }),
            Runnable::run);
    for (var probe = 0; probe < 100; probe++) {
      assertThat(Readiness.isReady(readiness.results().join())).isTrue();
    }
    assertThat(begun).hasValueLessThan(50);
  }
}
