package io.turboprop.admin.transport;

import com.typesafe.config.Config;

/**
 * The limits of definitions, section {@code turboprop.admin.registration}.
 *
 * @param nameLengthMax the most characters of a name or version
 * @param workflowNodesMax the most nodes of a workflow's own graph, without start and end
 * @param closureBytesMax the size of a compiled task or workflow
 */
public record RegistrationLimits(int nameLengthMax, int workflowNodesMax, long closureBytesMax) {

  /** Reads the section {@code turboprop.admin.registration}. */
  public static RegistrationLimits from(Config config) {
    return new RegistrationLimits(
        config.getInt("name-length-max"),
        config.getInt("workflow-nodes-max"),
        config.getBytes("closure-max"));
  }
}
