package io.turboprop.plugin.pod;

import flyteidl.core.Tasks.ExtendedResources;
import flyteidl.core.Tasks.GPUAccelerator;
import flyteidl.core.Tasks.SharedMemory;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EmptyDirVolumeSource;
import io.kubernetes.client.openapi.models.V1NodeSelectorRequirement;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Toleration;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.util.Optional;
import java.util.stream.Stream;

/** GPUs and shared memory ({@code flyteidl.core.ExtendedResources}). */
record PodExtendedResources(PodSettings.Gpu settings) {

  /**
   * @throws TaskSpecificationException when shared memory has no place in the primary container
   */
  void apply(V1PodSpec pod, V1Container primary, TaskContext task)
      throws TaskSpecificationException {
    var extended = extended(task);
    if (extended.hasGpuAccelerator() && hasGpu(pod)) {
      choose(pod, extended.getGpuAccelerator());
    }
    if (extended.hasSharedMemory()) {
      addSharedMemory(pod, primary, extended.getSharedMemory());
    }
  }

  /** Each field of the node's takes the place of the task's. */
  private static ExtendedResources extended(TaskContext task) {
    var overrides = task.overrides().getExtendedResources();
    var extended = task.template().getExtendedResources().toBuilder();
    if (overrides.hasGpuAccelerator()) {
      extended.setGpuAccelerator(overrides.getGpuAccelerator());
    }
    if (overrides.hasSharedMemory()) {
      extended.setSharedMemory(overrides.getSharedMemory());
    }
    return extended.build();
  }

  private boolean hasGpu(V1PodSpec pod) {
    return Stream.concat(pod.getContainers().stream(), pod.getInitContainers().stream())
        .map(V1Container::getResources)
        .anyMatch(resources ->
            resources != null && resources.getLimits().containsKey(settings.resourceName()));
  }

  private void choose(V1PodSpec pod, GPUAccelerator gpu) {
    if (!gpu.getDevice().isEmpty()) {
      choose(pod, settings.deviceLabel(), gpu.getDevice());
    }
    switch (gpu.getPartitionSizeValueCase()) {
      case UNPARTITIONED -> {
        if (gpu.getUnpartitioned()) {
          chooseUnpartitioned(pod);
        }
      }
      case PARTITION_SIZE -> choose(pod, settings.partitionSizeLabel(), gpu.getPartitionSize());
      case PARTITIONSIZEVALUE_NOT_SET -> {}
    }
  }

  private static void choose(V1PodSpec pod, String label, String value) {
    PodScheduling.require(
        pod, new V1NodeSelectorRequirement().key(label).operator("In").addValuesItem(value));
    pod.addTolerationsItem(
        new V1Toleration().key(label).value(value).operator("Equal").effect("NoSchedule"));
  }

  private void chooseUnpartitioned(V1PodSpec pod) {
    PodScheduling.require(
        pod,
        settings
            .unpartitionedRequirement()
            .orElseGet(() ->
                new V1NodeSelectorRequirement()
                    .key(settings.partitionSizeLabel())
                    .operator("DoesNotExist")));
    settings.unpartitionedToleration().ifPresent(pod::addTolerationsItem);
  }

  private static void addSharedMemory(V1PodSpec pod, V1Container primary, SharedMemory memory)
      throws TaskSpecificationException {
    var name = memory.getMountName();
    var path = memory.getMountPath();
    if (name.isEmpty() || path.isEmpty()) {
      throw TaskSpecificationException.badSpecification(
          "shared memory needs a mount_name and a mount_path; it has '%s' and '%s'"
              .formatted(name, path));
    }
    if (pod.getVolumes().stream().anyMatch(volume -> volume.getName().equals(name))) {
      throw taken("a volume", name);
    }
    if (primary.getVolumeMounts().stream().anyMatch(mount -> mount.getMountPath().equals(path))) {
      throw taken("a mount at", path);
    }
    pod.addVolumesItem(
        new V1Volume()
            .name(name)
            .emptyDir(
                new V1EmptyDirVolumeSource()
                    .medium("Memory")
                    .sizeLimit(size(memory).orElse(new Quantity("0")))));
    primary.addVolumeMountsItem(new V1VolumeMount().name(name).mountPath(path));
  }

  private static Optional<Quantity> size(SharedMemory memory) throws TaskSpecificationException {
    if (memory.getSizeLimit().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Quantity(memory.getSizeLimit()));
    } catch (RuntimeException _) {
      throw TaskSpecificationException.badSpecification(
          "'%s' is no size of shared memory, such as 512Mi".formatted(memory.getSizeLimit()));
    }
  }

  private static TaskSpecificationException taken(String what, String name) {
    return TaskSpecificationException.badSpecification(
        "shared memory cannot be added, because the pod has %s '%s' already".formatted(what, name));
  }
}
