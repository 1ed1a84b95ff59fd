package io.turboprop.data;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Literals.Union;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.TypeStructure;
import java.util.Map;
import java.util.Optional;

/** A map from variable name to literal, immutable and compared by value. */
public record Literals(LiteralMap map) {
  /** The name of the failure node's input that holds the error of its graph. */
  public static final String ERROR_INPUT = "err";

  public static final Literals EMPTY = new Literals(LiteralMap.getDefaultInstance());

  public static Literals of(Map<String, Literal> literals) {
    return literals.isEmpty()
        ? EMPTY
        : new Literals(LiteralMap.newBuilder().putAllLiterals(literals).build());
  }

  /**
   * Parses a serialized {@code flyteidl.core.LiteralMap}; empty bytes are an empty map.
   *
   * @throws IllegalArgumentException when the bytes are not a literal map
   */
  public static Literals parse(ByteString bytes) {
    try {
      return bytes.isEmpty() ? EMPTY : new Literals(LiteralMap.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a LiteralMap: " + e.getMessage(), e);
    }
  }

  public Optional<Literal> get(String variable) {
    return Optional.ofNullable(map.getLiteralsMap().get(variable));
  }

  /**
   * The inputs of a failure node: the input {@code err}, if the node has it, becomes the error of
   * the graph.
   *
   * @param failedNodeId the id of the failed node; FlytePropeller gives the id of the failure node
   *     instead
   */
  public Literals withError(ExecutionError error, String failedNodeId) {
    return get(ERROR_INPUT).isEmpty()
        ? this
        : new Literals(
            map.toBuilder().putLiterals(ERROR_INPUT, literal(error, failedNodeId)).build());
  }

  private static Literal literal(ExecutionError error, String failedNodeId) {
    var content =
        flyteidl.core.Types.Error.newBuilder()
            .setFailedNodeId(failedNodeId)
            .setMessage(error.message());
    var type =
        LiteralType.newBuilder()
            .setSimple(SimpleType.ERROR)
            .setStructure(TypeStructure.newBuilder().setTag("FlyteError"));
    return Literal.newBuilder()
        .setScalar(
            Scalar.newBuilder()
                .setUnion(
                    Union.newBuilder()
                        .setValue(
                            Literal.newBuilder().setScalar(Scalar.newBuilder().setError(content)))
                        .setType(type)))
        .build();
  }

  public ByteString bytes() {
    return map.toByteString();
  }

  public int sizeBytes() {
    return map.getSerializedSize();
  }

  public boolean isEmpty() {
    return map.getLiteralsCount() == 0;
  }
}
