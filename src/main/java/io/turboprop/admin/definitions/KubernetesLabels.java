package io.turboprop.admin.definitions;

import flyteidl.admin.Common.Labels;
import io.turboprop.admin.transport.AdminException;
import java.util.regex.Pattern;

/**
 * Checks labels that become labels of Kubernetes objects: at most 16, with keys and values that
 * Kubernetes accepts.
 */
public final class KubernetesLabels {
  private static final int COUNT_MAX = 16;
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern PREFIX =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private KubernetesLabels() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT}
   */
  public static void check(Labels labels) {
    if (labels.getValuesCount() > COUNT_MAX) {
      throw AdminException.invalidArgument("more than " + COUNT_MAX + " labels");
    }
    labels
        .getValuesMap()
        .forEach((key, value) -> {
          if (!isKey(key)) {
            throw AdminException.invalidArgument("invalid label key [" + key + "]");
          }
          if (!value.isEmpty() && !NAME.matcher(value).matches()) {
            throw AdminException.invalidArgument("invalid label value [" + value + "]");
          }
        });
  }

  private static boolean isKey(String key) {
    var slash = key.indexOf('/');
    return slash < 0
        ? NAME.matcher(key).matches()
        : PREFIX.matcher(key.substring(0, slash)).matches()
            && NAME.matcher(key.substring(slash + 1)).matches();
  }
}
