package io.turboprop.plugin.pod;

/** The namespace and the name of a pod, which together are unique in a cluster. */
record PodKey(String namespace, String name) {
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
