package io.turboprop.plugin.local;

import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.container.CommandTemplates;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;

/** Prepares the {@link Launch} of a task: folders, inputs, code, command and environment. */
final class LaunchPreparation {
  private final TaskUser user;
  private final TaskEnvironment environment;
  private final PythonEnvironment.Lookup pythons;
  private final CodeArchives code;

  LaunchPreparation(
      TaskUser user,
      TaskEnvironment environment,
      PythonEnvironment.Lookup pythons,
      CodeArchives code) {
    this.user = user;
    this.environment = environment;
    this.pythons = pythons;
    this.code = code;
  }

  /**
   * Prepares an attempt; may be repeated as long as the attempt does not run. Blocks.
   *
   * @throws IOException when inputs or code can't be read now
   * @throws TaskSpecificationException when the task can never be run
   */
  Launch prepare(TaskContext task, WorkDirectory directory)
      throws IOException, TaskSpecificationException {
    var launch = launch(task, directory);
    if (user.isAnother()) {
      handOver(task, directory);
    }
    return launch;
  }

  /** Makes the task's user the owner of the files that the task writes to. */
  private void handOver(TaskContext task, WorkDirectory directory) throws IOException {
    user.giveAll(directory.root());
    user.give(directory.logs(), directory.standardOutput());
    user.give(directory.logs(), directory.standardError());
    var written = List.of(task.outputPrefix(), task.rawOutputPrefix(), task.checkpointPrefix());
    for (var prefix : written) {
      var folder = task.store().localFolder(prefix);
      if (folder.isPresent()) {
        // The path has no links, and the checkpoints lie in a folder of the task.
        user.give(folder.get().getRoot(), folder.get());
      }
    }
  }

  private Launch launch(TaskContext task, WorkDirectory directory)
      throws IOException, TaskSpecificationException {
    var container = ContainerSpec.of(task.template());
    // What an interrupted preparation has left may belong to the task's user already, and another
    // task of that user could put links into it.
    directory.delete();
    directory.create();
    var command = command(task, container, directory);
    if (command.isEmpty()) {
      throw TaskSpecificationException.badSpecification(
          "the task has neither command nor args; a local process can't use the entrypoint of an image");
    }
    var python = pythons.forImage(container.image());
    var variables = environment.of(task, container, directory, python);
    var launch = new Launch(directory, command, variables, python);
    CommandLimits.check(command, variables);
    var registration = FastRegistration.of(command);
    return registration.isPresent() ? withCode(launch, registration.get(), task) : launch;
  }

  private static List<String> command(
      TaskContext task, ContainerSpec container, WorkDirectory directory)
      throws IOException, TaskSpecificationException {
    var templates = new CommandTemplates(task, namespace(task));
    if (!container.isRaw()) {
      return templates.render(container.commandLine());
    }
    var folders = new RawFolders(container.dataConfig(), directory);
    folders.create();
    new RawInputs(task.store(), directory.inputs())
        .write(task.inputs(), container.dataConfig().getFormat());
    return templates.render(folders.replaceIn(container.commandLine()));
  }

  private Launch withCode(Launch launch, FastRegistration registration, TaskContext task)
      throws IOException, TaskSpecificationException {
    var destination = registration.destinationWithin(launch.directory());
    var folder = launch.directory().current().resolve(destination).normalize();
    if (!registration.archive().isEmpty()) {
      code.unpack(registration.archive(), folder, task.store());
    }
    var variables = new LinkedHashMap<>(launch.environment());
    variables.merge("PYTHONPATH", folder.toString(), (before, added) -> before + ":" + added);
    return new Launch(
        launch.directory(),
        registration.commandWithOrigin(destination),
        variables,
        launch.python());
  }

  /** The namespace that the task would have in Kubernetes. */
  private static String namespace(TaskContext task) {
    return task.execution().project() + "-" + task.execution().domain();
  }
}
