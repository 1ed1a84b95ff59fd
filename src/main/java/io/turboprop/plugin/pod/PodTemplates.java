package io.turboprop.plugin.pod;

import java.io.IOException;
import java.util.Optional;

/** The PodTemplates of a cluster. */
interface PodTemplates {
  /** No templates. */
  PodTemplates NONE = (_, _) -> Optional.empty();

  /**
   * The template of this name; empty when there is none. May block.
   *
   * @throws IOException when the cluster does not answer
   */
  Optional<BasePodTemplate> find(String namespace, String name) throws IOException;
}
