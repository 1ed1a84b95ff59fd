package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Status.Code;
import io.netty.util.AttributeKey;
import io.turboprop.admin.transport.MemoryBudget.Share;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Admits requests by their weight before their bodies are read: a large request with {@code
 * Content-Length} as a whole, any other as its bytes arrive. Small parts of a body count as more
 * than their bytes. A client that announces a large body and doesn't send it holds the memory only
 * for a short time. Uploads are not weighed, since their bodies are not held in memory.
 */
public final class Admission implements DecoratingHttpServiceFunction {
  /** Each received byte counts twice: in the body, and in the message that is parsed from it. */
  private static final int WEIGHT = 2;

  private static final AttributeKey<Share> SHARE = AttributeKey.valueOf(Admission.class, "SHARE");

  /** The least weight of a part of a body, which is an object: a client may send single bytes. */
  private static final long PART_BYTES_MIN = 512;

  /** How much of an announced body must arrive in each {@code body-stall-timeout}. */
  private static final long PROGRESS_BYTES_MIN = 64 * 1024;

  private final MemoryBudget budget;
  private final Duration stallTimeout;

  Admission(MemoryBudget budget, Duration stallTimeout) {
    this.budget = budget;
    this.stallTimeout = stallTimeout;
  }

  /**
   * Charges a request for memory that its answer takes until it is sent.
   *
   * @throws AdminException {@code RESOURCE_EXHAUSTED} when too little is left
   */
  public static void charge(ServiceRequestContext context, long bytes) {
    share(context).take(bytes);
  }

  /** The share of the current request. */
  static Share share(ServiceRequestContext context) {
    return Objects.requireNonNull(context.attr(SHARE), "a request without admission");
  }

  @Override
  public HttpResponse serve(HttpService service, ServiceRequestContext context, HttpRequest request)
      throws Exception {
    if (context.config().service().as(SignedLinkService.class) != null) {
      return service.serve(context, request);
    }
    var share = budget.share();
    context.setAttr(SHARE, share);
    var _ = context.log().whenComplete().thenRun(share::release);
    var announced = request.headers().contentLength();
    // A length above the limit is not charged: the server refuses the body when it passes the
    // limit.
    var isReserved =
        announced > MemoryBudget.SMALL_BYTES_MAX && announced <= context.maxRequestLength();
    if (isReserved) {
      share.take(announced * WEIGHT);
    }
    var arrived = new AtomicLong();
    var mapped =
        request.mapData(data -> {
          arrived.addAndGet(data.length());
          var weight = (long) data.length() * WEIGHT;
          share.take(Math.max(weight, PART_BYTES_MIN) - (isReserved ? weight : 0));
          return data;
        });
    if (isReserved) {
      requireProgress(context, request, arrived);
    }
    // A mapped request is collected whole before its data are mapped; that of a publisher, as it
    // arrives.
    var weighed = HttpRequest.of(request.headers(), mapped::subscribe);
    context.updateRequest(weighed);
    return service.serve(context, weighed);
  }

  private void requireProgress(
      ServiceRequestContext context, HttpRequest request, AtomicLong arrived) {
    var seen = new AtomicLong();
    var checks =
        context
            .eventLoop()
            .withoutContext()
            .scheduleAtFixedRate(
                () -> {
                  if (arrived.get() - seen.getAndSet(arrived.get()) < PROGRESS_BYTES_MIN) {
                    request.abort(
                        new AdminException(
                            Code.DEADLINE_EXCEEDED,
                            "the body arrives too slowly, less than %d KiB in %s"
                                    .formatted(PROGRESS_BYTES_MIN / 1024, stallTimeout)
                                + " (turboprop.admin.body-stall-timeout)"));
                  }
                },
                stallTimeout.toMillis(),
                stallTimeout.toMillis(),
                TimeUnit.MILLISECONDS);
    var _ = request.whenComplete().handle((_, _) -> checks.cancel(false));
  }
}
