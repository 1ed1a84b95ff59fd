package io.turboprop.event;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds nodes and graphs by their path, in the plan the execution's plan and in the plans of its
 * dynamic nodes. The first look-up below a dynamic node may block.
 */
public final class PlanNodes {
  private static final long DYNAMIC_NODES_REMEMBERED = 10_000;

  /** Finds the nodes of executions that have no dynamic nodes. */
  public static final PlanNodes WITHOUT_DYNAMIC =
      new PlanNodes(
          (_, _, _) -> Optional.empty(),
          digest -> {
            throw new IllegalStateException(
                "an execution without dynamic nodes has no plan " + digest);
          });

  /** Looks up the plans of dynamic nodes. */
  @FunctionalInterface
  public interface DynamicPlans {

    /** The digest of the plan that this attempt of a node has made; empty when it has made none. */
    Optional<String> digest(long execution, NodePath node, int attempt);
  }

  private record Expansion(long execution, NodePath node, int attempt) {}

  private final DynamicPlans dynamicPlans;
  private final Function<String, Plan> plans;
  private final Cache<Expansion, String> digests =
      Caffeine.newBuilder().maximumSize(DYNAMIC_NODES_REMEMBERED).build();

  /**
   * @param plans loads the stored plan with a digest
   */
  public PlanNodes(DynamicPlans dynamicPlans, Function<String, Plan> plans) {
    this.dynamicPlans = dynamicPlans;
    this.plans = plans;
  }

  /**
   * The node at this path; empty when there is none.
   *
   * @param execution the execution's number
   * @param plan the plan of the execution
   */
  public Optional<PlanNode> find(long execution, Plan plan, NodePath path) {
    return graph(execution, plan, path)
        .flatMap(graph -> graph.find(path.nodeId()).map(graph::node));
  }

  /** The graph that the node at this path belongs to. */
  public Optional<Graph> graph(long execution, Plan plan, NodePath path) {
    if (path.isRoot()) {
      return Optional.of(plan.root());
    }
    var parent = path.parent().orElseThrow();
    return find(execution, plan, parent)
        .flatMap(node -> inside(node, new Expansion(execution, parent, path.parentAttempt())));
  }

  /**
   * The digest of the plan that a node belongs to: the plan of the execution or of a dynamic node.
   */
  public String digestAround(long execution, Plan plan, NodePath path) {
    if (path.isRoot()) {
      return plan.digest();
    }
    var parent = path.parent().orElseThrow();
    return find(execution, plan, parent)
        .filter(node -> node.kind() instanceof NodeKind.Task)
        .flatMap(_ -> digest(execution, parent, path.parentAttempt()))
        .orElseGet(() -> digestAround(execution, plan, parent));
  }

  /** The plan that an attempt of a dynamic node has made; empty when it has made none. */
  public Optional<String> digest(long execution, NodePath node, int attempt) {
    return digest(new Expansion(execution, node, attempt));
  }

  /** How many nodes an execution opens with the graph of a dynamic node, by the plan's digest. */
  long size(String digest) {
    return plans.apply(digest).root().sizeWithSubWorkflows();
  }

  private Optional<Graph> inside(PlanNode node, Expansion place) {
    return switch (node.kind()) {
      case NodeKind.SubWorkflow subWorkflow -> Optional.of(subWorkflow.graph());
      case NodeKind.Branch branch -> Optional.of(branch.arms());
      case NodeKind.Array array -> Optional.of(new ElementGraph(array, Integer.MAX_VALUE));
      case NodeKind.Task _ -> digest(place).map(digest -> plans.apply(digest).root());
      case NodeKind.Start _, NodeKind.End _, NodeKind.LaunchPlan _, NodeKind.Gate _ ->
          Optional.empty();
    };
  }

  private Optional<String> digest(Expansion place) {
    var known = digests.getIfPresent(place);
    if (known != null) {
      return Optional.of(known);
    }
    var digest = dynamicPlans.digest(place.execution(), place.node(), place.attempt());
    digest.ifPresent(found -> digests.put(place, found));
    return digest;
  }
}
