package io.turboprop.admin;

import com.google.protobuf.Message;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCalls;
import io.turboprop.admin.Calls.Outcome.Answered;
import io.turboprop.admin.Calls.Outcome.Refused;
import io.turboprop.admin.RpcTable.Rpc;

/** Makes a gRPC service of a table of methods. */
final class GrpcBinding {
  private GrpcBinding() {}

  static ServerServiceDefinition definition(RpcTable table, Calls calls) {
    var builder = ServerServiceDefinition.builder(table.service());
    table.rpcs().forEach(rpc -> builder.addMethod(method(rpc, calls)));
    return builder.build();
  }

  /** The status of what fails outside of the functions: the transport's, or a deadline. */
  static Status status(Throwable thrown) {
    return StatusProto.toStatusRuntimeException(Errors.status(thrown)).getStatus();
  }

  private static <Q extends Message, A extends Message> ServerMethodDefinition<Q, A> method(
      Rpc<Q, A> rpc, Calls calls) {
    return ServerMethodDefinition.create(
        rpc.method(),
        ServerCalls.asyncUnaryCall(
            (request, observer) -> {
              switch (calls.call(rpc, request)) {
                case Answered<A>(var answer) -> {
                  observer.onNext(answer);
                  observer.onCompleted();
                }
                case Refused<A>(var status) ->
                    observer.onError(StatusProto.toStatusRuntimeException(status));
              }
            }));
  }
}
