package io.turboprop.plugin.pod;

import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Tasks.DataLoadingConfig;
import flyteidl.core.Tasks.Resources.ResourceName;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EmptyDirVolumeSource;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The containers that carry data for a container which only knows files ({@code
 * flyteidl.core.DataLoadingConfig}): an init container downloads the inputs, a sidecar uploads the
 * outputs after the primary container has ended. Unlike in Flyte, they write their errors where the
 * engine reads them, {@code error.pb}.
 *
 * @param storage the flags by which they reach the blob store, without their leading {@code
 *     --storage.}
 */
record CoPilotContainers(PodSettings.CoPilot settings, Map<String, String> storage) {
  private static final String ERROR_FILE = "error.pb";

  /** The name of the container that downloads; base pod templates call it the primary one. */
  String downloader() {
    return settings.name() + "downloader";
  }

  private String uploader() {
    return settings.name() + "uploader";
  }

  /** Adds what the task's interface needs. */
  void addTo(V1PodSpec pod, V1Container primary, DataLoadingConfig data, TaskContext task)
      throws IOException {
    var typed = task.template().getInterface();
    var before = new ArrayList<V1Container>();
    if (typed.getOutputs().getVariablesCount() > 0) {
      var path = given(data.getOutputPath(), settings.outputPath());
      mount(pod, primary, settings.outputVolume(), path, task);
      before.add(sidecar(path, task, typed));
      pod.setTerminationGracePeriodSeconds(settings.timeout().toSeconds());
    }
    if (typed.getInputs().getVariablesCount() > 0) {
      var path = given(data.getInputPath(), settings.inputPath());
      mount(pod, primary, settings.inputVolume(), path, task);
      before.add(download(path, data, task, typed));
    }
    before.addAll(pod.getInitContainers());
    pod.setInitContainers(before);
  }

  private static String given(String path, String fallback) {
    return path.isEmpty() ? fallback : path;
  }

  private static void mount(
      V1PodSpec pod, V1Container primary, String volume, String path, TaskContext task) {
    var folder = new V1EmptyDirVolumeSource();
    storage(task).ifPresent(folder::setSizeLimit);
    pod.addVolumesItem(new V1Volume().name(volume).emptyDir(folder));
    primary.addVolumeMountsItem(new V1VolumeMount().name(volume).mountPath(path));
  }

  /** The storage that the node overrides bounds the volumes. */
  private static Optional<Quantity> storage(TaskContext task) {
    var resources = task.overrides().getResources();
    return Stream.of(resources.getLimitsList(), resources.getRequestsList())
        .flatMap(List::stream)
        .filter(entry -> entry.getName() == ResourceName.STORAGE)
        .map(entry -> new Quantity(entry.getValue()))
        .findFirst();
  }

  private V1Container download(
      String path, DataLoadingConfig data, TaskContext task, TypedInterface typed)
      throws IOException {
    return container(
        downloader(),
        settings.inputVolume(),
        path,
        List.of(
            "download",
            "--from-remote",
            task.inputsFile().uri(),
            "--to-output-prefix",
            task.outputPrefix().uri(),
            "--to-local-dir",
            path,
            "--format",
            data.getFormat().name(),
            "--input-interface",
            Base64.getEncoder().encodeToString(typed.getInputs().toByteArray()),
            "--err-output-name",
            ERROR_FILE));
  }

  private V1Container sidecar(String path, TaskContext task, TypedInterface typed) {
    return container(
            uploader(),
            settings.outputVolume(),
            path,
            List.of(
                "sidecar",
                "--timeout",
                text(settings.timeout()),
                "--to-raw-output",
                task.rawOutputPrefix().uri(),
                "--to-output-prefix",
                task.outputPrefix().uri(),
                "--from-local-dir",
                path,
                "--interface",
                Base64.getEncoder().encodeToString(typed.toByteArray()),
                "--err-output-name",
                ERROR_FILE))
        .restartPolicy("Always");
  }

  private V1Container container(String name, String volume, String path, List<String> args) {
    var resources = new TreeMap<>(Map.of("cpu", settings.cpu(), "memory", settings.memory()));
    return new V1Container()
        .name(name)
        .image(settings.image())
        .imagePullPolicy("IfNotPresent")
        .workingDir("/")
        .command(command())
        .args(args)
        .resources(new V1ResourceRequirements().requests(resources).limits(resources))
        .terminationMessagePolicy("FallbackToLogsOnError")
        .addVolumeMountsItem(new V1VolumeMount().name(volume).mountPath(path));
  }

  private List<String> command() {
    var command = new ArrayList<String>();
    command.add("/bin/flyte-copilot");
    command.add("--storage.limits.maxDownloadMBs=0");
    command.add("--logger.level=2");
    storage.forEach((flag, value) -> command.add("--storage." + flag + "=" + value));
    return command;
  }

  /** A duration as Go's programs read it: {@code 1h0m0s}. */
  private static String text(Duration duration) {
    return "%dh%dm%ds"
        .formatted(duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart());
  }
}
