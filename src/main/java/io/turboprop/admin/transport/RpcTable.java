package io.turboprop.admin.transport;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status.Code;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * The methods of a gRPC service, each with the function that answers it. All are unary.
 *
 * <p>gRPC and REST use the same table, so that a method is bound once and fails the same way in
 * both. A method without a function is answered with {@code UNIMPLEMENTED} and its own name.
 */
public final class RpcTable {
  private final ServiceDescriptor service;
  private final Map<String, Rpc<?, ?>> rpcs = new LinkedHashMap<>();

  /** A method; its function may block, and refuses with {@link AdminException}. */
  public record Rpc<Q extends Message, A extends Message>(
      MethodDescriptor<Q, A> method, Function<Q, A> function) {

    /** The method's name without its service, such as {@code GetTask}. */
    public String name() {
      var name = method.getBareMethodName();
      return name == null ? method.getFullMethodName() : name;
    }

    /** An empty request of this method. */
    public Q emptyRequest() {
      return prototype(method.getRequestMarshaller());
    }

    private static <M extends Message> M prototype(MethodDescriptor.Marshaller<M> marshaller) {
      if (marshaller instanceof MethodDescriptor.PrototypeMarshaller<M> typed) {
        return Objects.requireNonNull(typed.getMessagePrototype(), "no protobuf message");
      }
      throw new IllegalArgumentException("not a protobuf method: " + marshaller);
    }
  }

  /** A table in which no method has a function yet. */
  @SuppressWarnings("unchecked") // every message of a generated service is a Message
  public RpcTable(ServiceDescriptor service) {
    this.service = service;
    service
        .getMethods()
        .forEach(method -> put((MethodDescriptor<Message, Message>) method, unimplemented(method)));
  }

  /**
   * Binds a function to a method, and replaces an earlier binding.
   *
   * @param function the function, which may block, since it runs on a virtual thread
   */
  public <Q extends Message, A extends Message> RpcTable on(
      MethodDescriptor<Q, A> method, Function<Q, A> function) {
    if (!rpcs.containsKey(method.getFullMethodName())) {
      throw new IllegalArgumentException(
          method.getFullMethodName() + " is not a method of " + service.getName());
    }
    put(method, function);
    return this;
  }

  ServiceDescriptor service() {
    return service;
  }

  /** Every method of the service, in the order of its declaration. */
  public Collection<Rpc<?, ?>> rpcs() {
    return rpcs.values();
  }

  private <Q extends Message, A extends Message> void put(
      MethodDescriptor<Q, A> method, Function<Q, A> function) {
    rpcs.put(method.getFullMethodName(), new Rpc<>(method, function));
  }

  private static Function<Message, Message> unimplemented(MethodDescriptor<?, ?> method) {
    return _ -> {
      throw new AdminException(
          Code.UNIMPLEMENTED, "method " + method.getFullMethodName() + " is not implemented");
    };
  }
}
