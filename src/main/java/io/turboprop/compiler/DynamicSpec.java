package io.turboprop.compiler;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import flyteidl.core.DynamicJob.DynamicJobSpec;
import flyteidl.core.Workflow.WorkflowTemplate;
import java.io.IOException;

/**
 * Reads facts from a serialized {@code flyteidl.core.DynamicJobSpec} without parsing it into
 * objects.
 */
public final class DynamicSpec {
  private DynamicSpec() {}

  /**
   * The number of nodes in the graph and in its sub-workflows; each sub-workflow counts once.
   *
   * @throws InvalidProtocolBufferException when the bytes are not a protobuf message
   */
  public static int nodeCount(ByteString spec) throws InvalidProtocolBufferException {
    try {
      return nodeCount(spec.newCodedInput());
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  private static int nodeCount(CodedInputStream spec) throws IOException {
    int count = 0;
    for (int tag = spec.readTag(); tag != 0; tag = spec.readTag()) {
      if (isMessage(tag, DynamicJobSpec.SUBWORKFLOWS_FIELD_NUMBER)) {
        var outer = spec.pushLimit(spec.readRawVarint32());
        count += nodesOf(spec, WorkflowTemplate.NODES_FIELD_NUMBER);
        spec.popLimit(outer);
      } else {
        count += isMessage(tag, DynamicJobSpec.NODES_FIELD_NUMBER) ? 1 : 0;
        skip(spec, tag);
      }
    }
    return count;
  }

  private static int nodesOf(CodedInputStream workflow, int field) throws IOException {
    int count = 0;
    for (int tag = workflow.readTag(); tag != 0; tag = workflow.readTag()) {
      count += isMessage(tag, field) ? 1 : 0;
      skip(workflow, tag);
    }
    return count;
  }

  private static boolean isMessage(int tag, int field) {
    return WireFormat.getTagFieldNumber(tag) == field
        && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static void skip(CodedInputStream message, int tag) throws IOException {
    if (!message.skipField(tag)) {
      throw new InvalidProtocolBufferException("a group ends that has not begun");
    }
  }
}
