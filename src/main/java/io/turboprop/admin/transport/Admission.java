package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AttributeKey;
import io.turboprop.admin.transport.MemoryBudget.Share;
import java.util.Objects;

/**
 * Admits requests by their weight before their bodies are read: a request with {@code
 * Content-Length} as a whole, any other as its bytes arrive. Uploads are not weighed, since their
 * bodies are not held in memory.
 */
final class Admission implements DecoratingHttpServiceFunction {
  /** Each received byte counts twice: in the body, and in the message that is parsed from it. */
  private static final int WEIGHT = 2;

  private static final AttributeKey<Share> SHARE = AttributeKey.valueOf(Admission.class, "SHARE");

  private final MemoryBudget budget;

  Admission(MemoryBudget budget) {
    this.budget = budget;
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
    // a length above the limit is not charged: the server refuses the body when it passes the limit
    if (announced > 0 && announced <= context.maxRequestLength()) {
      share.take(announced * WEIGHT);
      return service.serve(context, request);
    }
    var weighed =
        request.mapData(data -> {
          share.take((long) data.length() * WEIGHT);
          return data;
        });
    context.updateRequest(weighed);
    return service.serve(context, weighed);
  }
}
