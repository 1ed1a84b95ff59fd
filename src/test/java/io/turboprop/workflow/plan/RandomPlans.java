package io.turboprop.workflow.plan;

import com.google.protobuf.ByteString;
import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.Primitive;
import io.turboprop.data.Condition;
import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind.Branch.Case;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;

/**
 * Plans by chance, with nodes of every kind, graphs nested up to a depth; one seed is one plan. Any
 * {@linkplain #digest digest} is that of a plan, so that a task can open one at run time.
 */
public final class RandomPlans implements Plans {
  private static final String DYNAMIC = "dynamic";
  private static final String FAILURE_NODE = "fn";

  private final Plan root;
  private final Map<String, Plan> dynamic = new HashMap<>();

  private RandomPlans(Plan root) {
    this.root = root;
  }

  /** The plans of one execution, whose own graph has up to so many nodes. */
  public static RandomPlans of(Random random, int sizeMax, int depth) {
    var policy =
        random.nextBoolean()
            ? FailurePolicy.FAIL_IMMEDIATELY
            : FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE;
    return new RandomPlans(
        new Plan("digest", TestingPlans.entity("w"), graph(random, sizeMax, depth, policy)));
  }

  public Plan root() {
    return root;
  }

  /** The name of a plan that is made when it is first asked for. */
  public static String digest(long seed, int sizeMax, int depth) {
    return "%s-%d-%d-%d".formatted(DYNAMIC, seed, sizeMax, depth);
  }

  @Override
  public Plan plan(String digest) {
    return digest.equals(root.digest()) ? root : dynamic.computeIfAbsent(digest, RandomPlans::made);
  }

  private static Plan made(String digest) {
    var parts = digest.split("-", 4);
    var random = new Random(Long.parseLong(parts[1]));
    return new Plan(
        digest,
        TestingPlans.entity("made"),
        graph(
            random,
            Integer.parseInt(parts[2]),
            Integer.parseInt(parts[3]),
            FailurePolicy.FAIL_IMMEDIATELY));
  }

  private static Graph graph(Random random, int sizeMax, int depth, FailurePolicy policy) {
    var size = random.nextInt(sizeMax + 1);
    var nodes = new ArrayList<PlanNode>();
    var edges = new LinkedHashMap<String, List<String>>();
    for (int i = 0; i < size; i++) {
      var id = "n" + i;
      var upstreams = new ArrayList<String>();
      for (int upstream = 0; upstream < i; upstream++) {
        if (random.nextInt(i + 1) == 0) {
          upstreams.add("n" + upstream);
          edges.computeIfAbsent("n" + upstream, _ -> new ArrayList<>()).add(id);
        }
      }
      nodes.add(
          TestingPlans.reading(
              node(random, id, earlier(random, i), sizeMax, depth, policy),
              some(random, upstreams)));
    }
    var failureNode =
        random.nextInt(4) == 0
            ? Optional.of(node(random, FAILURE_NODE, List.of(), sizeMax, depth, policy))
            : Optional.<PlanNode>empty();
    return TestingPlans.graph(nodes, edges, policy, TestingPlans.one(), failureNode);
  }

  /** What the arms of a branch may wait for besides what the branch waits for. */
  private static List<String> earlier(Random random, int number) {
    var ids = new ArrayList<String>();
    for (int i = 0; i < number; i++) {
      ids.add("n" + i);
    }
    return some(random, ids);
  }

  private static List<String> some(Random random, List<String> ids) {
    return ids.stream().filter(_ -> random.nextInt(3) == 0).toList();
  }

  private static PlanNode node(
      Random random, String id, List<String> around, int sizeMax, int depth, FailurePolicy policy) {
    var kind =
        switch (random.nextInt(depth > 0 ? 16 : 11)) {
          case 0 -> new NodeKind.LaunchPlan(TestingPlans.entity(id));
          case 1 -> new NodeKind.Gate(gate(random, id));
          case 2, 3 ->
              array(random, random.nextInt(3) == 0 ? leaf(random) : TestingPlans.taskKind("e"));
          case 11, 12 -> subWorkflow(random, id, sizeMax, depth, policy);
          case 13, 14 -> branch(random, id, around, sizeMax, depth, policy);
          case 15 -> array(random, subWorkflow(random, id, Math.min(sizeMax, 4), depth, policy));
          default -> TestingPlans.taskKind(id);
        };
    return new PlanNode(id, id, kind, List.of(), policy(random));
  }

  private static NodeKind leaf(Random random) {
    return random.nextBoolean()
        ? new NodeKind.LaunchPlan(TestingPlans.entity("element"))
        : new NodeKind.Gate(gate(random, "element"));
  }

  private static NodeKind.GateCondition gate(Random random, String id) {
    return switch (random.nextInt(3)) {
      case 0 -> new NodeKind.GateCondition.Sleep(Duration.ofMillis(random.nextInt(200)));
      case 1 -> new NodeKind.GateCondition.Signal(id, ByteString.EMPTY, TestingPlans.OUTPUT);
      default -> new NodeKind.GateCondition.Approve(id);
    };
  }

  private static NodeKind subWorkflow(
      Random random, String id, int sizeMax, int depth, FailurePolicy policy) {
    return new NodeKind.SubWorkflow(
        TestingPlans.entity(id), graph(random, Math.max(1, sizeMax / 2), depth - 1, policy));
  }

  private static NodeKind array(Random random, NodeKind element) {
    return new NodeKind.Array(
        new PlanNode("element", "element", element, List.of(), policy(random)),
        random.nextInt(5) == 0 ? OptionalInt.empty() : OptionalInt.of(random.nextInt(4)),
        random.nextInt(3) == 0 ? OptionalInt.of(random.nextInt(4)) : OptionalInt.empty(),
        random.nextBoolean() ? 1 : random.nextDouble(),
        Set.of(),
        NodeKind.Array.Encoding.ARRAY_NODE);
  }

  private static NodeKind branch(
      Random random, String id, List<String> around, int sizeMax, int depth, FailurePolicy policy) {
    var arms = new ArrayList<PlanNode>();
    var cases = new ArrayList<Case>();
    var count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      var arm = id + "-a" + i;
      arms.add(
          TestingPlans.reading(
              node(random, arm, around, Math.max(1, sizeMax / 2), depth - 1, policy),
              some(random, around)));
      cases.add(new Case(condition(random), arm));
    }
    var otherwise =
        count > 1 && random.nextInt(3) > 0
            ? Optional.of(cases.removeLast().arm())
            : Optional.<String>empty();
    return new NodeKind.Branch(
        cases,
        otherwise,
        ExecutionError.user("MalformedBranchUserError", "no arm"),
        Graph.of(arms, Map.of(), policy));
  }

  /** Mostly true or false, sometimes neither. */
  private static Condition condition(Random random) {
    var left = Operand.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(1));
    var right =
        random.nextInt(20) == 0
            ? Operand.newBuilder().setVar("missing")
            : Operand.newBuilder()
                .setPrimitive(Primitive.newBuilder().setInteger(random.nextInt(2)));
    return new Condition(
        BooleanExpression.newBuilder()
            .setComparison(
                ComparisonExpression.newBuilder().setLeftValue(left).setRightValue(right))
            .build());
  }

  private static NodePolicy policy(Random random) {
    return new NodePolicy(
        random.nextInt(4),
        random.nextInt(5) == 0
            ? Optional.of(Duration.ofMillis(50 + random.nextInt(200)))
            : Optional.empty(),
        Optional.empty());
  }
}
