package io.turboprop.admin.executions;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionGetDataRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.service.Dataproxy.GetDataRequest;
import flyteidl.service.Dataproxy.GetDataResponse;
import flyteidl.service.Dataproxy.PreSignedURLs;
import io.turboprop.admin.transport.AdminException;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resolves {@code flyte://v1/…} addresses of inputs, outputs and decks. */
public final class ExecutionData {
  private static final String SEGMENT = "([a-zA-Z0-9_-]+)";
  private static final Pattern ADDRESS =
      Pattern.compile(
          "flyte://v1/"
              + SEGMENT
              + "/"
              + SEGMENT
              + "/"
              + SEGMENT
              + "/"
              + SEGMENT
              + "(?:/(\\d+))?/(?:([iod])|([io])/"
              + SEGMENT
              + ")");
  private static final int TASKS_MAX = 10_000;

  private final NodeReads nodes;
  private final TaskReads tasks;
  private final Function<NodeExecution, PreSignedURLs> deckLinks;

  public ExecutionData(
      NodeReads nodes, TaskReads tasks, Function<NodeExecution, PreSignedURLs> deckLinks) {
    this.nodes = nodes;
    this.tasks = tasks;
    this.deckLinks = deckLinks;
  }

  /**
   * A parsed address.
   *
   * @param attempt the attempt of the node's task; empty for the node itself
   * @param kind i, o or d
   * @param name the name of a literal; empty for all literals
   */
  private record Address(
      NodeExecutionIdentifier node, Optional<Integer> attempt, String kind, Optional<String> name) {

    static Address parse(String url) {
      var matcher = ADDRESS.matcher(url);
      if (!matcher.matches()) {
        throw AdminException.invalidArgument("invalid flyte_url [" + url + "]");
      }
      var name = Optional.ofNullable(matcher.group(8));
      return new Address(
          node(matcher),
          Optional.ofNullable(matcher.group(5)).map(Address::attempt),
          matcher.group(name.isPresent() ? 7 : 6),
          name);
    }

    private static NodeExecutionIdentifier node(Matcher matcher) {
      var id = NodeExecutionIdentifier.newBuilder().setNodeId(matcher.group(4));
      id.getExecutionIdBuilder()
          .setProject(matcher.group(1))
          .setDomain(matcher.group(2))
          .setName(matcher.group(3));
      return id.build();
    }

    private static int attempt(String text) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException _) {
        throw AdminException.invalidArgument("invalid attempt " + text);
      }
    }
  }

  public GetDataResponse getData(GetDataRequest request) {
    var address = Address.parse(request.getFlyteUrl());
    if (address.kind().equals("d")) {
      return GetDataResponse.newBuilder().setPreSignedUrls(deck(address)).build();
    }
    var literals = address.attempt().isPresent() ? ofTask(address) : ofNode(address);
    return address
        .name()
        .map(name -> one(literals, name))
        .orElseGet(() -> GetDataResponse.newBuilder().setLiteralMap(literals).build());
  }

  private PreSignedURLs deck(Address address) {
    if (address.attempt().isPresent()) {
      throw AdminException.invalidArgument("a deck belongs to a node, not to an attempt");
    }
    return deckLinks.apply(
        nodes.getNodeExecution(NodeExecutionGetRequest.newBuilder().setId(address.node()).build()));
  }

  private LiteralMap ofNode(Address address) {
    var data =
        nodes.getNodeExecutionData(
            NodeExecutionGetDataRequest.newBuilder().setId(address.node()).build());
    return address.kind().equals("i") ? data.getFullInputs() : data.getFullOutputs();
  }

  private LiteralMap ofTask(Address address) {
    var data =
        tasks.getTaskExecutionData(
            TaskExecutionGetDataRequest.newBuilder().setId(task(address)).build());
    return address.kind().equals("i") ? data.getFullInputs() : data.getFullOutputs();
  }

  private TaskExecutionIdentifier task(Address address) {
    var request =
        TaskExecutionListRequest.newBuilder()
            .setNodeExecutionId(address.node())
            .setLimit(TASKS_MAX)
            .build();
    return tasks.listTaskExecutions(request).getTaskExecutionsList().stream()
        .map(task -> task.getId())
        .filter(
            id -> address.attempt().filter(attempt -> attempt == id.getRetryAttempt()).isPresent())
        .findFirst()
        .orElseThrow(
            () -> AdminException.invalidArgument("the node has no attempt of this number"));
  }

  private static GetDataResponse one(LiteralMap literals, String name) {
    var literal = literals.getLiteralsMap().get(name);
    if (literal == null) {
      throw AdminException.invalidArgument("there is no literal [" + name + "]");
    }
    return GetDataResponse.newBuilder().setLiteral(literal).build();
  }
}
