package io.turboprop.plugin.pod;

import flyteidl.core.Execution.TaskLog;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.pod.ObservedPod.ContainerState;
import io.turboprop.plugin.pod.ObservedPod.ContainerStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Links to the logs of a pod's first container, from templates of addresses. */
record PodLogLinks(PodSettings.Logs settings) {
  private static final String SUFFIX = " (User)";
  private static final String LINK_TYPE = "link_type";
  private static final Pattern VARIABLE = Pattern.compile("\\{\\{\\s*[.$]([A-Za-z0-9_.-]+)\\s*}}");

  /** The links; a variable without a value stays in the address. */
  List<TaskLog> of(TaskContext task, ObservedPod pod) {
    if (pod.containers().isEmpty()) {
      return List.of();
    }
    var values = values(task, pod, pod.containers().getFirst());
    var links = new ArrayList<TaskLog>();
    settings.links().forEach(link -> add(link, values, links));
    for (var type : task.template().getConfigOrDefault(LINK_TYPE, "").split(",", -1)) {
      Optional.ofNullable(settings.dynamic().get(type.strip()))
          .ifPresent(link -> add(link, values, links));
    }
    return links;
  }

  private static void add(
      PodSettings.LogLink link, Map<String, String> values, List<TaskLog> links) {
    for (var uri : link.uris()) {
      links.add(
          TaskLog.newBuilder()
              .setName(link.displayName() + SUFFIX)
              .setUri(filled(uri, values))
              .setMessageFormat(TaskLog.MessageFormat.JSON)
              .build());
    }
  }

  private static String filled(String template, Map<String, String> values) {
    return VARIABLE
        .matcher(template)
        .replaceAll(place -> {
          var value = values.getOrDefault(place.group(1).toLowerCase(Locale.ROOT), "");
          return Matcher.quoteReplacement(value.isEmpty() ? place.group() : value);
        });
  }

  private static Map<String, String> values(
      TaskContext task, ObservedPod pod, ContainerStatus container) {
    var values = new TreeMap<String, String>();
    values.put("logname", pod.key().name());
    values.put("podname", pod.key().name());
    values.put("poduid", pod.uid());
    values.put("namespace", pod.key().namespace());
    values.put("containername", container.name());
    values.put("containerid", container.id().replaceFirst("^[a-z0-9.-]+://", ""));
    values.put("hostname", pod.hostname());
    values.put("nodename", pod.node());
    put(values, "start", Optional.of(pod.createdAt()));
    put(values, "finish", finishedAt(container.state()));
    var id = task.template().getId();
    values.put("taskid", id.getName());
    values.put("taskversion", id.getVersion());
    values.put("taskproject", id.getProject());
    values.put("taskdomain", id.getDomain());
    values.put("taskretryattempt", Integer.toString(task.attempt()));
    values.put("nodeid", task.nodeId());
    values.put("executionname", task.execution().name());
    values.put("executionproject", task.execution().project());
    values.put("executiondomain", task.execution().domain());
    values.put("generatedname", task.generatedName());
    task.template()
        .getConfigMap()
        .forEach((key, value) -> values.put("taskconfig." + key.toLowerCase(Locale.ROOT), value));
    return values;
  }

  private static void put(Map<String, String> values, String which, Optional<Instant> moment) {
    moment.ifPresent(at -> {
      values.put("podrfc3339" + which + "time", at.toString());
      values.put("podunix" + which + "time", Long.toString(at.getEpochSecond()));
    });
  }

  private static Optional<Instant> finishedAt(ContainerState state) {
    return state instanceof ContainerState.Terminated end ? end.finishedAt() : Optional.empty();
  }
}
