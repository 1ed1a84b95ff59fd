package io.turboprop.data;

import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;

/** The identifier of a registered entity, as {@code flyteidl.core.Identifier} without the org. */
public record EntityId(Kind kind, String project, String domain, String name, String version) {

  /** The kind of entity; the numbers are those of {@code flyteidl.core.ResourceType}. */
  public enum Kind {
    UNSPECIFIED(0),
    TASK(1),
    WORKFLOW(2),
    LAUNCH_PLAN(3),
    DATASET(4);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    /** The number by which rows and messages refer to it; it never changes. */
    public int number() {
      return number;
    }

    /**
     * The constant of a stored number.
     *
     * @throws IllegalArgumentException when this version does not know it
     */
    public static Kind of(int number) {
      for (var known : values()) {
        if (known.number == number) {
          return known;
        }
      }
      throw new IllegalArgumentException("unknown kind of entity: " + number);
    }

    /** Unknown types of later protocol versions are {@code UNSPECIFIED}. */
    static Kind of(ResourceType type) {
      return switch (type) {
        case TASK -> TASK;
        case WORKFLOW -> WORKFLOW;
        case LAUNCH_PLAN -> LAUNCH_PLAN;
        case DATASET -> DATASET;
        case UNSPECIFIED, UNRECOGNIZED -> UNSPECIFIED;
      };
    }

    /** The type in Flyte's identifiers. */
    public ResourceType type() {
      return switch (this) {
        case UNSPECIFIED -> ResourceType.UNSPECIFIED;
        case TASK -> ResourceType.TASK;
        case WORKFLOW -> ResourceType.WORKFLOW;
        case LAUNCH_PLAN -> ResourceType.LAUNCH_PLAN;
        case DATASET -> ResourceType.DATASET;
      };
    }
  }

  /** Flyte's identifier, without its org. */
  public static EntityId of(Identifier id) {
    return of(id, Kind.of(id.getResourceType()));
  }

  /** Converts Flyte's identifier to an id of this kind; the identifier's own type is ignored. */
  public static EntityId of(Identifier id, Kind kind) {
    return new EntityId(kind, id.getProject(), id.getDomain(), id.getName(), id.getVersion());
  }

  /** The same as Flyte's identifier. */
  public Identifier toMessage() {
    return Identifier.newBuilder()
        .setResourceType(kind.type())
        .setProject(project)
        .setDomain(domain)
        .setName(name)
        .setVersion(version)
        .build();
  }

  @Override
  public String toString() {
    return kind + " " + project + ":" + domain + ":" + name + ":" + version;
  }
}
