package io.turboprop.admin.transport;

import com.typesafe.config.Config;

/**
 * What a definition may be at most, section {@code turboprop.admin.registration}.
 *
 * @param nameLengthMax characters of a name or version
 * @param workflowNodesMax nodes of a workflow's own graph, start and end not counted
 * @param closureBytesMax of a compiled task or workflow
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
