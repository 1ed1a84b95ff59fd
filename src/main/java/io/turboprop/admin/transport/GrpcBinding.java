package io.turboprop.admin.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.turboprop.admin.transport.Calls.Outcome.Answered;
import io.turboprop.admin.transport.Calls.Outcome.Refused;
import io.turboprop.admin.transport.MemoryBudget.Share;
import io.turboprop.admin.transport.RpcTable.Rpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Makes a gRPC service from a table of methods. Functions run in {@link Handlers}, apart from the
 * transport, so that an expired call ends even while its function still blocks.
 *
 * <p>The transport handles bytes only, because it would otherwise parse and write messages on its
 * event loops.
 */
final class GrpcBinding {
  private static final Bytes BYTES = new Bytes();

  private final Calls calls;
  private final Handlers handlers;
  private final CodecThreads codecs;

  GrpcBinding(Calls calls, Handlers handlers, CodecThreads codecs) {
    this.calls = calls;
    this.handlers = handlers;
    this.codecs = codecs;
  }

  ServerServiceDefinition definition(RpcTable table) {
    var methods = table.rpcs().stream().map(this::method).toList();
    var service =
        ServiceDescriptor.newBuilder(table.service().getName())
            .setSchemaDescriptor(table.service().getSchemaDescriptor());
    methods.forEach(method -> service.addMethod(method.getMethodDescriptor()));
    var definition = ServerServiceDefinition.builder(service.build());
    methods.forEach(definition::addMethod);
    return definition.build();
  }

  /** The status of a failure outside of the functions: of the transport, or a deadline. */
  static Status status(Throwable thrown) {
    return GrpcStatus.exception(Errors.status(thrown)).getStatus();
  }

  private <Q extends Message, A extends Message> ServerMethodDefinition<byte[], byte[]> method(
      Rpc<Q, A> rpc) {
    MethodDescriptor<byte[], byte[]> method = rpc.method().toBuilder(BYTES, BYTES).build();
    return ServerMethodDefinition.create(
        method,
        ServerCalls.asyncUnaryCall((request, observer) -> {
          if (observer instanceof ServerCallStreamObserver<byte[]> call) {
            // a client that has left, or whose deadline has passed, gets no answer
            call.setOnCancelHandler(() -> {});
          }
          var context = ServiceRequestContext.current();
          try {
            handlers
                .of(context)
                .execute(() -> answer(rpc, request, Admission.share(context), observer));
          } catch (RuntimeException refused) {
            observer.onError(GrpcStatus.exception(Errors.status(refused)));
          }
        }));
  }

  private <Q extends Message, A extends Message> void answer(
      Rpc<Q, A> rpc, byte[] bytes, Share share, StreamObserver<byte[]> observer) {
    byte[] encoded;
    try {
      var request =
          codecs.run(
              bytes.length, () -> share.during(bytes.length, () -> parse(rpc, bytes, share)));
      switch (calls.call(rpc, request, share)) {
        case Answered<A>(var answer) -> {
          var size = answer.getSerializedSize();
          share.take(2L * size);
          encoded = codecs.run(size, answer::toByteArray);
        }
        case Refused<A>(var status) -> {
          observer.onError(GrpcStatus.exception(status));
          return;
        }
      }
    } catch (RuntimeException refused) {
      observer.onError(GrpcStatus.exception(Errors.status(refused)));
      return;
    }
    observer.onNext(encoded);
    observer.onCompleted();
  }

  @SuppressWarnings("unchecked") // a parser of Q makes Q
  private static <Q extends Message> Q parse(Rpc<Q, ?> rpc, byte[] bytes, Share share) {
    var empty = rpc.emptyRequest();
    share.take(MessageWeight.of(bytes, empty.getDescriptorForType()));
    try {
      var request = (Q) empty.getParserForType().parseFrom(bytes);
      RequestValues.check(request);
      return request;
    } catch (InvalidProtocolBufferException malformed) {
      throw AdminException.invalidArgument("malformed request: " + malformed.getMessage());
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        // gRPC's streams have the whole message at hand, and know its size; reading them without it
        // would copy the message twice
        var bytes = new byte[stream.available()];
        var read = stream.readNBytes(bytes, 0, bytes.length);
        if (read < bytes.length || stream.read() >= 0) {
          throw new IOException("a message of another size than its frame says");
        }
        return bytes;
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }
}
