package io.turboprop.journal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NewerFormatException.Stored;
import io.turboprop.journal.v1.State;
import io.turboprop.journal.v1.Step;
import io.turboprop.workflow.state.WorkflowStep;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * The Pekko serializer of steps and snapshots. Its identifier and manifests are stored with every
 * row and must never change.
 */
public final class JournalSerializer extends SerializerWithStringManifest {
  static final String STEP_V1 = "step-v1";
  static final String STATE_V1 = "state-v1";
  private static final String STATE = "state-";
  private static final int IDENTIFIER = 7_411;

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object stored) {
    return switch (stored) {
      case WorkflowStep _ -> STEP_V1;
      case State _ -> STATE_V1;
      default -> throw foreign(stored);
    };
  }

  @Override
  public byte[] toBinary(Object stored) {
    return switch (stored) {
      case WorkflowStep step -> WorkflowEventCodec.encode(step).toByteArray();
      case State state -> state.toByteArray();
      default -> throw foreign(stored);
    };
  }

  /**
   * A step becomes a {@link WorkflowStep}. A snapshot becomes a {@link State}, whose decoding needs
   * the plans.
   */
  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    return manifest.startsWith(STATE) ? state(manifest, bytes) : step(manifest, bytes);
  }

  /**
   * Reads a snapshot of any version.
   *
   * @throws NewerFormatException when a newer version of the engine has written the snapshot
   */
  static State state(String manifest, byte[] bytes) {
    if (!STATE_V1.equals(manifest)) {
      throw unknown(manifest);
    }
    try {
      return State.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a snapshot: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a step of any version.
   *
   * @throws NewerFormatException when a newer version of the engine has written the step
   */
  static WorkflowStep step(String manifest, byte[] bytes) {
    if (!STEP_V1.equals(manifest)) {
      throw unknown(manifest);
    }
    try {
      return WorkflowEventCodec.decode(Step.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a step: " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException foreign(Object stored) {
    return new IllegalArgumentException("nothing of the journal: " + stored.getClass().getName());
  }

  private static NewerFormatException unknown(String manifest) {
    return new NewerFormatException(
        manifest.startsWith(STATE) ? Stored.SNAPSHOT : Stored.EVENT, "format " + manifest);
  }
}
