package io.turboprop.execution;

import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanClosure;
import flyteidl.core.IdentifierOuterClass.Identifier;
import io.turboprop.compiler.LaunchPlanInterface;
import io.turboprop.data.EntityId;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.LaunchPlanTables;
import io.turboprop.store.LaunchPlanTables.LaunchPlanRow;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The interfaces of registered launch plans, for the compiler. */
public final class LaunchPlanInterfaces {
  private final LaunchPlanTables tables;
  private final Function<Identifier, Optional<LaunchPlanInterface>> elsewhere;

  public LaunchPlanInterfaces(LaunchPlanTables tables) {
    this(tables, _ -> Optional.empty());
  }

  /**
   * @param elsewhere finds launch plans that are not registered here; may block
   */
  public LaunchPlanInterfaces(
      LaunchPlanTables tables, Function<Identifier, Optional<LaunchPlanInterface>> elsewhere) {
    this.tables = tables;
    this.elsewhere = elsewhere;
  }

  /**
   * The interfaces of the registered ones of these launch plans, in the same order; those that are
   * registered here are read by a single query.
   */
  public List<LaunchPlanInterface> registered(List<Identifier> required) {
    var ids = required.stream().map(id -> EntityId.of(id, Kind.LAUNCH_PLAN)).toList();
    var rows =
        tables.findAll(ids).stream().collect(Collectors.toMap(LaunchPlanRow::id, row -> row));
    return required.stream()
        .flatMap(id ->
            Optional.ofNullable(rows.get(EntityId.of(id, Kind.LAUNCH_PLAN)))
                .map(row -> launchPlan(id, row))
                .or(() -> elsewhere.apply(id))
                .stream())
        .toList();
  }

  /** The names of a launch plan's outputs; empty when it is not registered. */
  public Set<String> outputs(EntityId launchPlan) {
    return registered(List.of(launchPlan.toMessage())).stream()
        .flatMap(known -> known.expectedOutputs().getVariablesMap().keySet().stream())
        .collect(Collectors.toSet());
  }

  private static LaunchPlanInterface launchPlan(Identifier id, LaunchPlanRow row) {
    var closure = StoredMessages.parse(LaunchPlanClosure.parser(), row.closure());
    return new LaunchPlanInterface(id, closure.getExpectedInputs(), closure.getExpectedOutputs());
  }
}
