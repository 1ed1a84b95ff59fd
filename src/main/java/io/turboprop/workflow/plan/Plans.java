package io.turboprop.workflow.plan;

/**
 * The plans that an execution refers to by digest. The caller of the machine loads them before it
 * applies events that need them.
 */
@FunctionalInterface
public interface Plans {

  /**
   * @throws IllegalStateException when the plan has not been loaded
   */
  Plan plan(String digest);
}
