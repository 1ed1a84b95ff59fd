package io.turboprop.plugin.container;

import java.nio.file.Path;

/** The task can't be run because of its own specification; another attempt would not help. */
public final class TaskSpecificationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  private TaskSpecificationException(String code, String message) {
    super(message);
    this.code = code;
  }

  /** The template lacks a part, or requests something that a process can't do. */
  public static TaskSpecificationException badSpecification(String message) {
    return new TaskSpecificationException("BadTaskSpecification", message);
  }

  /** The command can't be made from the template and the inputs. */
  public static TaskSpecificationException notBuilt(String message) {
    return new TaskSpecificationException(
        "FailedToBuildResource", "could not build resource for task: " + message);
  }

  /** The task has replaced a file that the engine reads. */
  public static TaskSpecificationException fileReplaced(Path file, String reason) {
    return new TaskSpecificationException(
        "WorkDirectoryChanged",
        "the task has changed the file %s, by which the engine learns how the task stands: %s"
            .formatted(file, reason));
  }

  /** Flyte's error code of the failure. */
  public String code() {
    return code;
  }

  /** The message, which is never null here. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
