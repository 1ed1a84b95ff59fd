package io.turboprop.admin.executions;

import flyteidl.admin.ClusterAssignmentOuterClass.ClusterAssignment;
import flyteidl.admin.Common.Annotations;
import flyteidl.admin.Common.AuthRole;
import flyteidl.admin.Common.Envs;
import flyteidl.admin.Common.Labels;
import flyteidl.admin.Common.RawOutputDataConfig;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.admin.ExecutionOuterClass.NotificationList;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.admin.MatchableResourceOuterClass.ExecutionClusterLabel;
import flyteidl.admin.MatchableResourceOuterClass.WorkflowExecutionConfig;
import flyteidl.core.Security.Identity;
import flyteidl.core.Security.SecurityContext;
import io.turboprop.admin.transport.AdminException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Resolves the options of an execution. Each option is taken from the first of these that sets it:
 * the request, the launch plan, the configuration of the project or workflow, the engine's default.
 *
 * @param request the client's options
 * @param plan the launch plan's options; empty for a task
 * @param configured the settings of the project, the domain, the workflow and the launch plan
 * @param projectLabels the project's labels, added where the labels have no such key
 * @param maxParallelism the engine's default
 */
record ExecutionOptions(
    ExecutionSpec request,
    LaunchPlanSpec plan,
    ExecutionConfigs.Configured configured,
    Map<String, String> projectLabels,
    int maxParallelism) {

  /** The request with every option resolved; inputs are left out. */
  ExecutionSpec resolved() {
    var spec =
        request.toBuilder()
            .clearInputs()
            .setMaxParallelism(parallelism())
            .setSecurityContext(securityContext())
            .setRawOutputDataConfig(rawOutputs())
            .setLabels(labels())
            .setAnnotations(annotations())
            .setOverwriteCache(
                request.getOverwriteCache()
                    || plan.getOverwriteCache()
                    || matching().getOverwriteCache())
            .setEnvs(envs());
    interruptible(spec);
    clusters(spec);
    if (!request.hasQualityOfService() && plan.hasQualityOfService()) {
      spec.setQualityOfService(plan.getQualityOfService());
    }
    notify(spec);
    return spec.build();
  }

  private WorkflowExecutionConfig matching() {
    return configured.options();
  }

  /**
   * The label of the request, which a child has from its parent, else the configured one. Unlike in
   * Flyte, the options of the execution then hold the configured label, so that a later change of
   * it does not move the execution.
   */
  private void clusters(ExecutionSpec.Builder spec) {
    if (request.getExecutionClusterLabel().getValue().isEmpty()
        && !configured.clusterLabel().isEmpty()) {
      spec.setExecutionClusterLabel(
          ExecutionClusterLabel.newBuilder().setValue(configured.clusterLabel()));
    }
    if (!configured.clusterPool().isEmpty()) {
      spec.setClusterAssignment(
          ClusterAssignment.newBuilder().setClusterPoolName(configured.clusterPool()));
    }
  }

  /**
   * Refuses a request for another pool of clusters than the configured one ({@code
   * ExecutionSpec.cluster_assignment}).
   *
   * @param project the execution's project
   * @param domain the execution's domain
   */
  void checkClusterPool(String project, String domain) {
    var asked = request.getClusterAssignment().getClusterPoolName();
    if (!asked.isEmpty()
        && !configured.clusterPool().isEmpty()
        && !asked.equals(configured.clusterPool())) {
      throw AdminException.invalidArgument(
          "execution with project \"%s\" and domain \"%s\" cannot run on cluster pool \"%s\", because its configured to run on pool \"%s\""
              .formatted(project, domain, asked, configured.clusterPool()));
    }
  }

  private void interruptible(ExecutionSpec.Builder spec) {
    if (request.hasInterruptible()) {
      return;
    }
    if (plan.hasInterruptible()) {
      spec.setInterruptible(plan.getInterruptible());
    } else if (matching().hasInterruptible()) {
      spec.setInterruptible(matching().getInterruptible());
    }
  }

  /**
   * The request for a child execution carries its parent's bound. Unlike in Flyte, the launch
   * plan's own bound takes precedence.
   */
  private int parallelism() {
    if (request.getMaxParallelism() < 0) {
      throw AdminException.invalidArgument("max_parallelism must not be negative");
    }
    var child = request.getMetadata().getMode() == ExecutionMode.CHILD_WORKFLOW;
    return first(
        value -> value > 0,
        child ? plan.getMaxParallelism() : request.getMaxParallelism(),
        child ? request.getMaxParallelism() : plan.getMaxParallelism(),
        matching().getMaxParallelism(),
        maxParallelism);
  }

  private RawOutputDataConfig rawOutputs() {
    return first(
        config -> !config.getOutputLocationPrefix().isEmpty(),
        request.getRawOutputDataConfig(),
        plan.getRawOutputDataConfig(),
        matching().getRawOutputDataConfig());
  }

  private Labels labels() {
    var labels =
        first(
            each -> each.getValuesCount() > 0,
            request.getLabels(),
            plan.getLabels(),
            matching().getLabels());
    var all = new LinkedHashMap<>(projectLabels);
    all.putAll(labels.getValuesMap());
    return Labels.newBuilder().putAllValues(all).build();
  }

  private Annotations annotations() {
    return first(
        each -> each.getValuesCount() > 0,
        request.getAnnotations(),
        plan.getAnnotations(),
        matching().getAnnotations());
  }

  private Envs envs() {
    return first(
        each -> each.getValuesCount() > 0, request.getEnvs(), plan.getEnvs(), matching().getEnvs());
  }

  @SuppressWarnings("deprecation") // older clients name the role in separate fields
  private SecurityContext securityContext() {
    var context =
        first(
            ExecutionOptions::isSet,
            request.getSecurityContext(),
            plan.getSecurityContext(),
            matching().getSecurityContext());
    if (isSet(context)) {
      return context;
    }
    var role =
        first(
            each -> !each.equals(AuthRole.getDefaultInstance()),
            request.getAuthRole(),
            plan.getAuthRole(),
            AuthRole.newBuilder()
                .setAssumableIamRole(plan.getAuth().getAssumableIamRole())
                .setKubernetesServiceAccount(plan.getAuth().getKubernetesServiceAccount())
                .build(),
            AuthRole.newBuilder().setAssumableIamRole(plan.getRole()).build());
    return context.toBuilder()
        .setRunAs(
            Identity.newBuilder()
                .setIamRole(role.getAssumableIamRole())
                .setK8SServiceAccount(role.getKubernetesServiceAccount()))
        .build();
  }

  private static boolean isSet(SecurityContext context) {
    var runAs = context.getRunAs();
    return !runAs.getIamRole().isEmpty()
        || !runAs.getK8SServiceAccount().isEmpty()
        || !runAs.getExecutionIdentity().isEmpty();
  }

  /** The request's notifications, none if the request disables them, or else the launch plan's. */
  private void notify(ExecutionSpec.Builder spec) {
    var own = request.getNotifications().getNotificationsCount() > 0;
    var inherited = plan.getEntityMetadata().getNotificationsList();
    if (!own && !request.getDisableAll() && !inherited.isEmpty()) {
      spec.setNotifications(NotificationList.newBuilder().addAllNotifications(inherited));
    }
  }

  /** The first set value, or else the last value. */
  @SafeVarargs
  private static <T> T first(Predicate<T> isSet, T... candidates) {
    return Stream.of(candidates)
        .filter(isSet)
        .findFirst()
        .orElse(candidates[candidates.length - 1]);
  }
}
