package io.turboprop.admin.definitions;

import com.google.protobuf.Timestamp;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.store.NameScope;
import java.time.Instant;

/** Between identifiers of clients and ours, with the checks at the border. */
public final class Identifiers {
  private Identifiers() {}

  /**
   * An identifier of this kind with all four parts.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for another kind or an empty part
   */
  public static EntityId valid(Identifier id, Kind kind) {
    if (id.getResourceType() != type(kind)) {
      throw AdminException.invalidArgument(
          "unexpected resource type %s for identifier [%s], expected %s"
              .formatted(id.getResourceType(), text(id), kind));
    }
    required(id.getProject(), "project");
    required(id.getDomain(), "domain");
    required(id.getName(), "name");
    required(id.getVersion(), "version");
    return entity(id, kind);
  }

  /**
   * As {@link #valid}, for what is read: an identifier without a type has the kind that the call
   * reads, since a path of REST names no type (admin §15).
   */
  public static EntityId read(Identifier id, Kind kind) {
    var typed =
        id.getResourceType() == ResourceType.UNSPECIFIED
            ? id.toBuilder().setResourceType(type(kind)).build()
            : id;
    return valid(typed, kind);
  }

  /** An identifier as it is, for a look-up; what it says of its kind does not matter. */
  public static EntityId entity(Identifier id, Kind kind) {
    return new EntityId(kind, id.getProject(), id.getDomain(), id.getName(), id.getVersion());
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

  /** The same the other way round. */
  static ResourceType type(Kind kind) {
    return switch (kind) {
      case UNSPECIFIED -> ResourceType.UNSPECIFIED;
      case TASK -> ResourceType.TASK;
      case WORKFLOW -> ResourceType.WORKFLOW;
      case LAUNCH_PLAN -> ResourceType.LAUNCH_PLAN;
      case DATASET -> ResourceType.DATASET;
    };
  }

  public static Identifier message(EntityId id) {
    return Identifier.newBuilder()
        .setResourceType(type(id.kind()))
        .setProject(id.project())
        .setDomain(id.domain())
        .setName(id.name())
        .setVersion(id.version())
        .build();
  }

  /** A name with or without versions; project and domain are required. */
  static NameScope scope(String project, String domain, String name) {
    return new NameScope(required(project, "project"), required(domain, "domain"), name);
  }

  /** A text that must not be empty. */
  public static String required(String text, String field) {
    if (text.isEmpty()) {
      throw AdminException.missing(field);
    }
    return text;
  }

  public static AdminException notFound(EntityId id) {
    return AdminException.notFound(
        "missing entity of type %s with identifier %s".formatted(id.kind(), text(message(id))));
  }

  public static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  /** An identifier in messages. */
  static String text(Identifier id) {
    return String.join(":", id.getProject(), id.getDomain(), id.getName(), id.getVersion());
  }
}
