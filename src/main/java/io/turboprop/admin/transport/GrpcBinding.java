package io.turboprop.admin.transport;

import com.google.protobuf.Message;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.turboprop.admin.transport.Calls.Outcome.Answered;
import io.turboprop.admin.transport.Calls.Outcome.Refused;
import io.turboprop.admin.transport.RpcTable.Rpc;
import java.util.concurrent.RejectedExecutionException;

/**
 * Makes a gRPC service of a table of methods. Functions run in {@link Handlers}, besides the call,
 * so that a call whose time is over is ended though its function still blocks.
 */
final class GrpcBinding {
  private GrpcBinding() {}

  static ServerServiceDefinition definition(RpcTable table, Calls calls, Handlers handlers) {
    var builder = ServerServiceDefinition.builder(table.service());
    table.rpcs().forEach(rpc -> builder.addMethod(method(rpc, calls, handlers)));
    return builder.build();
  }

  /** The status of what fails outside of the functions: the transport's, or a deadline. */
  static Status status(Throwable thrown) {
    return StatusProto.toStatusRuntimeException(Errors.status(thrown)).getStatus();
  }

  private static <Q extends Message, A extends Message> ServerMethodDefinition<Q, A> method(
      Rpc<Q, A> rpc, Calls calls, Handlers handlers) {
    return ServerMethodDefinition.create(
        rpc.method(),
        ServerCalls.asyncUnaryCall((request, observer) -> {
          if (observer instanceof ServerCallStreamObserver<A> call) {
            // a client that has left, or waited too long, is told nothing more
            call.setOnCancelHandler(() -> {});
          }
          try {
            handlers
                .of(ServiceRequestContext.current())
                .execute(() -> answer(calls.call(rpc, request), observer));
          } catch (RejectedExecutionException full) {
            observer.onError(StatusProto.toStatusRuntimeException(Errors.status(full)));
          }
        }));
  }

  private static <A> void answer(Calls.Outcome<A> outcome, StreamObserver<A> observer) {
    switch (outcome) {
      case Answered<A>(var answer) -> {
        observer.onNext(answer);
        observer.onCompleted();
      }
      case Refused<A>(var status) -> observer.onError(StatusProto.toStatusRuntimeException(status));
    }
  }
}
