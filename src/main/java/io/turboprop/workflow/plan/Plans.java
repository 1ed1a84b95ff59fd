package io.turboprop.workflow.plan;

/**
 * The plans that an execution refers to by digest; whoever feeds events to the machine has loaded
 * them before.
 */
@FunctionalInterface
public interface Plans {

  /**
   * @throws IllegalStateException when the plan has not been loaded
   */
  Plan plan(String digest);
}
