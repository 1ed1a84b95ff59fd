package io.turboprop.data;

/** The identifier of a registered entity, as {@code flyteidl.core.Identifier} without the org. */
public record EntityId(Kind kind, String project, String domain, String name, String version) {

  /** What is identified; numbers are those of {@code flyteidl.core.ResourceType}. */
  public enum Kind {
    UNSPECIFIED,
    TASK,
    WORKFLOW,
    LAUNCH_PLAN,
    DATASET
  }

  @Override
  public String toString() {
    return kind + " " + project + ":" + domain + ":" + name + ":" + version;
  }
}
