package io.turboprop.node;

import com.google.protobuf.ByteString;
import flyteidl.event.Event.TaskExecutionEvent;
import flyteidl.event.Event.TaskExecutionMetadata;
import io.turboprop.plugin.TaskInfo;

/** What clients are shown of an attempt, in the form in which it is recorded. */
final class AttemptDetails {
  private AttemptDetails() {}

  /**
   * A partial task event: logs, reason, custom info and metadata; without what is the same for all
   * elements of an array.
   */
  static ByteString of(TaskAttempt task, String pluginId, TaskInfo info) {
    var event = TaskExecutionEvent.newBuilder().addAllLogs(info.logs());
    if (!task.isElement()) {
      event
          .setTaskType(task.template().getType())
          .setMetadata(
              TaskExecutionMetadata.newBuilder()
                  .setGeneratedName(task.generatedName())
                  .setPluginIdentifier(pluginId)
                  .setInstanceClass(
                      task.interruptible()
                          ? TaskExecutionMetadata.InstanceClass.INTERRUPTIBLE
                          : TaskExecutionMetadata.InstanceClass.DEFAULT));
    }
    info.reason().ifPresent(event::setReason);
    info.customInfo().ifPresent(event::setCustomInfo);
    return event.build().toByteString();
  }
}
