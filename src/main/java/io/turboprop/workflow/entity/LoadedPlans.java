package io.turboprop.workflow.entity;

import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The loaded plans of one execution: its own and those of its dynamic nodes. The entity adds plans
 * while the journal's actor reads them, so it is thread-safe.
 */
final class LoadedPlans implements Plans {
  static final LoadedPlans NONE = new LoadedPlans(Optional.empty(), Map.of());

  private final Optional<Plan> root;
  private final Map<String, Plan> plans;

  private LoadedPlans(Optional<Plan> root, Map<String, Plan> plans) {
    this.root = root;
    this.plans = plans;
  }

  /**
   * Loads all plans when the nodes of the execution are reserved; fails if a plan is missing.
   *
   * @param nodesMade how many nodes the execution has made beyond those of its own plan
   */
  static CompletionStage<LoadedPlans> of(
      ExecutionDirectory directory,
      AcceptedExecution execution,
      long nodesMade,
      NodeMemoryLimit.Reservation reservation) {
    return directory
        .plan(execution.planDigest())
        .thenCompose(plan -> {
          var nodes = plan.root().sizeWithSubWorkflows() + nodesMade;
          var loaded = new LoadedPlans(Optional.of(plan), new ConcurrentHashMap<>()).add(plan);
          return reservation
              .reserveTotal(execution.number(), Math.min(nodes, execution.settings().nodesMax()))
              .thenCompose(_ -> withDynamicPlans(loaded, directory, execution));
        });
  }

  private static CompletionStage<LoadedPlans> withDynamicPlans(
      LoadedPlans plans, ExecutionDirectory directory, AcceptedExecution execution) {
    CompletionStage<LoadedPlans> loaded = CompletableFuture.completedStage(plans);
    for (var digest : execution.dynamicPlans()) {
      loaded = loaded.thenCombine(directory.plan(digest).toCompletableFuture(), LoadedPlans::add);
    }
    return loaded;
  }

  /** The plan of the execution itself. */
  Plan root() {
    return root.orElseThrow();
  }

  boolean knows(String digest) {
    return plans.containsKey(digest);
  }

  LoadedPlans add(Plan plan) {
    plans.put(plan.digest(), plan);
    return this;
  }

  @Override
  public Plan plan(String digest) {
    var plan = plans.get(digest);
    if (plan == null) {
      throw new IllegalStateException("plan " + digest + " has not been loaded");
    }
    return plan;
  }
}
