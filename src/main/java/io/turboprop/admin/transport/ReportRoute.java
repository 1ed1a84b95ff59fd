package io.turboprop.admin.transport;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.AbstractHttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Answers GET with a record, as JSON for people and programs: its components are the fields. */
public final class ReportRoute extends AbstractHttpService {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Supplier<?> report;

  /**
   * @param report makes the record at each request; may block
   */
  public ReportRoute(Supplier<?> report) {
    this.report = report;
  }

  @Override
  protected HttpResponse doGet(ServiceRequestContext context, HttpRequest request) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(this::answer, context.blockingTaskExecutor()));
  }

  private HttpResponse answer() {
    try {
      return HttpResponse.of(
          HttpStatus.OK, MediaType.JSON_UTF_8, JSON.writeValueAsString(report.get()) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report can't be written as JSON", e);
    } catch (RuntimeException refusal) {
      return HttpErrors.response(Errors.status(refusal));
    }
  }
}
