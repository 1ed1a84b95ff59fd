package io.turboprop.flyteadmin;

import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.turboprop.compiler.LaunchPlanInterface;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The launch plans that are registered at FlyteAdmin and not here. Blocks. */
public final class AdminLaunchPlans {
  private final AdminServiceBlockingStub admin;
  private final Duration timeout;

  public AdminLaunchPlans(Channel channel, Duration timeout) {
    this.admin = AdminServiceGrpc.newBlockingStub(channel);
    this.timeout = timeout;
  }

  /**
   * The interface of a launch plan; empty if FlyteAdmin does not know it.
   *
   * @throws UncheckedIOException when FlyteAdmin can't be reached
   */
  public Optional<LaunchPlanInterface> find(Identifier id) {
    try {
      var closure =
          admin
              .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
              .getLaunchPlan(ObjectGetRequest.newBuilder().setId(id).build())
              .getClosure();
      return Optional.of(
          new LaunchPlanInterface(id, closure.getExpectedInputs(), closure.getExpectedOutputs()));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw new UncheckedIOException(
          new AdminUnavailableException(
              "FlyteAdmin does not give launch plan %s now".formatted(id.getName()), e));
    }
  }
}
