package io.turboprop.node;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.turboprop.workflow.entity.Assignment;

/** Caches the options of executions, so that they are read once for all nodes. */
final class ExecutionSpecs {
  private static final long BYTES_MAX = 8 * 1024 * 1024;

  /** The estimated overhead of a cached entry beside its bytes. */
  private static final int OVERHEAD_BYTES = 500;

  private final Cache<ByteString, ExecutionSpec> read =
      Caffeine.newBuilder()
          .maximumWeight(BYTES_MAX)
          .weigher((ByteString bytes, ExecutionSpec _) -> 2 * bytes.size() + OVERHEAD_BYTES)
          .build();

  /** The options of the execution that a node belongs to. */
  ExecutionSpec of(Assignment assignment) {
    return read.get(assignment.execution().spec(), bytes -> parse(bytes, assignment));
  }

  private static ExecutionSpec parse(ByteString bytes, Assignment assignment) {
    try {
      return ExecutionSpec.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "the stored options of " + assignment.execution().id() + " can't be read", e);
    }
  }
}
