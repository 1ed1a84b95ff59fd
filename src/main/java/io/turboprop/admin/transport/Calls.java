package io.turboprop.admin.transport;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.turboprop.admin.transport.MemoryBudget.Share;
import io.turboprop.admin.transport.RpcTable.Rpc;
import io.turboprop.store.LargeReads;
import java.util.concurrent.TimeUnit;

/** Calls the functions of methods: measures each call, and turns exceptions into a status. */
final class Calls {
  private final MeterRegistry metrics;

  /** The result of a call. */
  sealed interface Outcome<A> {
    record Answered<A>(A answer) implements Outcome<A> {}

    record Refused<A>(Status status) implements Outcome<A> {}
  }

  Calls(MeterRegistry metrics) {
    this.metrics = metrics;
  }

  /**
   * Makes a call on the current thread; throws only errors that end the JVM.
   *
   * @param request has passed {@link RequestValues#check}
   * @param share is charged for large values that the call reads
   */
  <Q extends Message, A extends Message> Outcome<A> call(Rpc<Q, A> rpc, Q request, Share share) {
    var start = System.nanoTime();
    try {
      var answer =
          ScopedValue.where(LargeReads.ACCOUNT, share::take)
              .call(() -> rpc.function().apply(request));
      measured(rpc, Code.OK, start);
      return new Outcome.Answered<>(answer);
    } catch (RuntimeException | StackOverflowError thrown) {
      var status = Errors.status(thrown);
      measured(rpc, io.grpc.Status.fromCodeValue(status.getCode()).getCode(), start);
      return new Outcome.Refused<>(status);
    }
  }

  private void measured(Rpc<?, ?> rpc, Code code, long startNanos) {
    Timer.builder("turboprop.rpc")
        .description("time of one call, without the transport")
        .tag("method", rpc.name())
        .tag("code", code.name())
        .register(metrics)
        .record(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
  }
}
