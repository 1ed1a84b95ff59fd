package io.turboprop;

import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanClosure;
import io.turboprop.data.EntityId;
import io.turboprop.store.LaunchPlanTables;
import java.util.Set;
import java.util.function.Function;

/** What the outputs of registered launch plans are called; none for one that is not there. */
record LaunchPlanOutputs(LaunchPlanTables tables) implements Function<EntityId, Set<String>> {

  @Override
  public Set<String> apply(EntityId launchPlan) {
    return tables.find(launchPlan).map(LaunchPlanOutputs::names).orElse(Set.of());
  }

  private static Set<String> names(LaunchPlanTables.LaunchPlanRow row) {
    try {
      var closure = LaunchPlanClosure.parseFrom(row.closure());
      return closure.getExpectedOutputs().getVariablesMap().keySet();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the stored launch plan " + row.id() + " can't be read", e);
    }
  }
}
