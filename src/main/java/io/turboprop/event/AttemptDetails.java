package io.turboprop.event;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import flyteidl.event.Event.EventReason;
import flyteidl.event.Event.TaskExecutionEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a plugin has told of an attempt, as it is recorded: a partial {@code
 * flyteidl.event.TaskExecutionEvent}. Each one replaces the one before, but for the reasons: they
 * are collected, as FlyteAdmin does.
 */
public final class AttemptDetails {
  private AttemptDetails() {}

  /**
   * Reads details; no bytes are no details.
   *
   * @throws IllegalArgumentException when the bytes are something else
   */
  public static TaskExecutionEvent parse(ByteString details) {
    try {
      return TaskExecutionEvent.parseFrom(details);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a TaskExecutionEvent: " + e.getMessage(), e);
    }
  }

  /**
   * The reasons alone, to be appended to those there are: serialized messages that are joined are
   * one message with the elements of both.
   */
  static ByteString reasons(ByteString details, Instant at) {
    return TaskExecutionEvent.newBuilder()
        .addAllReasons(given(parse(details), at))
        .build()
        .toByteString();
  }

  /**
   * All reasons, in order, none twice in succession.
   *
   * @param told what was collected while the attempt ran
   * @param last the latest details, and when they were told
   */
  public static List<EventReason> all(ByteString told, ByteString last, Instant at) {
    var all = new ArrayList<EventReason>();
    for (var reason : parse(told).getReasonsList()) {
      add(all, reason);
    }
    given(parse(last), at).forEach(reason -> add(all, reason));
    return all;
  }

  private static void add(List<EventReason> all, EventReason reason) {
    if (all.isEmpty() || !all.getLast().getReason().equals(reason.getReason())) {
      all.add(reason);
    }
  }

  @SuppressWarnings("deprecation") // plugins give one reason, in the field that has room for one
  private static List<EventReason> given(TaskExecutionEvent event, Instant at) {
    if (event.getReasonsCount() > 0 || event.getReason().isEmpty()) {
      return event.getReasonsList();
    }
    var occurredAt =
        Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
    return List.of(
        EventReason.newBuilder().setReason(event.getReason()).setOccurredAt(occurredAt).build());
  }
}
