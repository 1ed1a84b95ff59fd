package io.turboprop.event;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import flyteidl.event.Event.EventReason;
import flyteidl.event.Event.TaskExecutionEvent;
import io.turboprop.plugin.TaskInfo;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The details of an attempt as its plugin reports them and the journal records them: a partial
 * {@code flyteidl.event.TaskExecutionEvent}. Newer details replace older ones, except that the
 * reasons are collected, as FlyteAdmin collects them.
 */
public final class AttemptDetails {
  private AttemptDetails() {}

  /**
   * Parses details; an empty string of bytes gives an empty message.
   *
   * @throws IllegalArgumentException when the bytes are no such message
   */
  public static TaskExecutionEvent parse(ByteString details) {
    try {
      return TaskExecutionEvent.parseFrom(details);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("not a TaskExecutionEvent: " + e.getMessage(), e);
    }
  }

  /**
   * The reasons alone, serialized, to be appended to the reasons in the row: two serialized
   * messages, joined, are one message with the elements of both.
   */
  static ByteString reasons(ByteString details, Instant at) {
    return TaskExecutionEvent.newBuilder()
        .addAllReasons(given(parse(details), at))
        .build()
        .toByteString();
  }

  /**
   * All reasons, in order; a reason that repeats the one before it is left out.
   *
   * @param collected the reasons collected while the attempt ran
   * @param last the latest details
   */
  public static List<EventReason> all(ByteString collected, ByteString last, Instant at) {
    var all = new ArrayList<EventReason>();
    for (var reason : parse(collected).getReasonsList()) {
      add(all, reason);
    }
    given(parse(last), at).forEach(reason -> add(all, reason));
    return all;
  }

  /**
   * When the task's own code began, if the plugin says so in {@link TaskInfo#CODE_BEGAN_AT}.
   *
   * @param details may be empty
   */
  static Optional<Instant> codeBeganAt(ByteString details) {
    var told = parse(details).getCustomInfo().getFieldsMap().get(TaskInfo.CODE_BEGAN_AT);
    if (told == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(told.getStringValue()));
    } catch (DateTimeParseException _) {
      // Another plugin's own information may have the same name.
      return Optional.empty();
    }
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
