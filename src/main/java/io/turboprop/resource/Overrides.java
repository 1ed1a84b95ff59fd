package io.turboprop.resource;

import flyteidl.core.Tasks.Resources;
import flyteidl.core.Tasks.Resources.ResourceEntry;
import flyteidl.core.Tasks.Resources.ResourceName;
import flyteidl.core.Workflow.TaskNodeOverrides;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Converts a task node's overrides of its task. */
final class Overrides {
  private static final String GPU = "/gpu";
  private static final Map<String, ResourceName> NAMES =
      Map.of(
          "cpu", ResourceName.CPU,
          "memory", ResourceName.MEMORY,
          "storage", ResourceName.STORAGE,
          "ephemeral-storage", ResourceName.EPHEMERAL_STORAGE);

  private Overrides() {}

  static TaskNodeOverrides of(NodeSpec spec, String at, Problems problems) {
    var overrides = TaskNodeOverrides.newBuilder().setContainerImage(spec.containerImage());
    spec.resources()
        .filter(given -> !given.limits().isEmpty() || !given.requests().isEmpty())
        .ifPresent(given ->
            overrides.setResources(
                Resources.newBuilder()
                    .addAllRequests(entries(given.requests(), at + ".resources.requests", problems))
                    .addAllLimits(entries(given.limits(), at + ".resources.limits", problems))));
    spec.extendedResources().ifPresent(overrides::setExtendedResources);
    spec.podTemplate().ifPresent(overrides::setPodTemplate);
    return overrides.build();
  }

  private static List<ResourceEntry> entries(
      Map<String, String> quantities, String at, Problems problems) {
    var entries = new ArrayList<ResourceEntry>();
    new TreeMap<>(quantities)
        .forEach((resource, quantity) -> {
          var name =
              resource.endsWith(GPU)
                  ? ResourceName.GPU
                  : NAMES.getOrDefault(resource, ResourceName.UNKNOWN);
          if (name == ResourceName.UNKNOWN) {
            problems.add(at, "'%s' is no resource that a task can ask for".formatted(resource));
          }
          entries.add(ResourceEntry.newBuilder().setName(name).setValue(quantity).build());
        });
    return entries;
  }
}
