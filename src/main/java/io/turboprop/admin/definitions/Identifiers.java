package io.turboprop.admin.definitions;

import com.google.protobuf.Timestamp;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.GivenValue;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.store.NameScope;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Converts and checks identifiers of clients. */
public final class Identifiers {
  private static final int PART_LENGTH_MAX = 300;

  private Identifiers() {}

  /**
   * An identifier of this kind with all four parts.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for another kind or an empty part
   */
  public static EntityId valid(Identifier id, Kind kind) {
    if (id.getResourceType() != kind.type()) {
      throw AdminException.invalidArgument(
          "unexpected resource type %s for identifier [%s], expected %s"
              .formatted(id.getResourceType(), text(id), kind));
    }
    required(id.getProject(), "project");
    required(id.getDomain(), "domain");
    required(id.getName(), "name");
    required(id.getVersion(), "version");
    return EntityId.of(id, kind);
  }

  /**
   * Like {@link #valid}, for reads: an identifier without a type gets the kind that the call reads,
   * since a REST path names no type.
   */
  public static EntityId read(Identifier id, Kind kind) {
    var typed =
        id.getResourceType() == ResourceType.UNSPECIFIED
            ? id.toBuilder().setResourceType(kind.type()).build()
            : id;
    return valid(typed, kind);
  }

  /** The kind that a client names. */
  static Kind kind(ResourceType type) {
    return switch (type) {
      case TASK -> Kind.TASK;
      case WORKFLOW -> Kind.WORKFLOW;
      case LAUNCH_PLAN -> Kind.LAUNCH_PLAN;
      case UNSPECIFIED, DATASET, UNRECOGNIZED ->
          throw AdminException.invalidArgument("invalid value for resource_type: " + type);
    };
  }

  /** A name with or without versions; project and domain are required. */
  static NameScope scope(String project, String domain, String name) {
    return new NameScope(required(project, "project"), required(domain, "domain"), name);
  }

  /** Requires a text that is not empty. */
  public static String required(String text, String field) {
    if (text.isEmpty()) {
      throw AdminException.missing(field);
    }
    return text;
  }

  public static AdminException notFound(EntityId id) {
    return AdminException.notFound(
        "missing entity of type %s with identifier %s".formatted(id.kind(), text(id.toMessage())));
  }

  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** Formats an identifier for messages; parts longer than any valid one are cut. */
  static String text(Identifier id) {
    return Stream.of(id.getProject(), id.getDomain(), id.getName(), id.getVersion())
        .map(part -> GivenValue.shortened(part, PART_LENGTH_MAX))
        .collect(Collectors.joining(":"));
  }
}
