package io.turboprop.plugin.pod;

import io.turboprop.data.Fnv1a.Width;
import io.turboprop.data.Naming;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names and label values as Kubernetes accepts them. */
final class PodNames {
  private static final int SUBDOMAIN_LENGTH_MAX = 253;
  private static final int LABEL_LENGTH_MAX = 63;
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern HUMP = Pattern.compile("([a-z0-9])([A-Z])");
  private static final Pattern FOREIGN = Pattern.compile("[^-.a-z0-9]");
  private static final Pattern NOT_IN_LABELS = Pattern.compile("[^-a-z0-9]");
  private static final Pattern EDGES = Pattern.compile("^[-.]+|[-.]+$");

  private PodNames() {}

  /**
   * The name of an attempt's pod: the generated name, if it is a DNS subdomain, else one made of
   * it. Unlike Flyte's, a name that has lost characters ends in a hash of the original, because
   * another name may differ in these characters alone.
   */
  static String pod(String generatedName) {
    if (SUBDOMAIN.matcher(generatedName).matches()) {
      return generatedName;
    }
    var lower = HUMP.matcher(generatedName).replaceAll("$1-$2").toLowerCase(Locale.ROOT);
    var kept = EDGES.matcher(FOREIGN.matcher(lower).replaceAll("")).replaceAll("");
    var hash = hash(generatedName);
    var room = SUBDOMAIN_LENGTH_MAX - hash.length() - 1;
    return kept.isEmpty() ? hash : kept.substring(0, Math.min(room, kept.length())) + "-" + hash;
  }

  /** The name of a task's only container. Flyte takes random characters where this is a hash. */
  static String container(String generatedName) {
    var isLabel =
        generatedName.length() <= LABEL_LENGTH_MAX && DNS_LABEL.matcher(generatedName).matches();
    return isLabel ? generatedName : hash(generatedName);
  }

  /** A text as the value of a label; empty if no character of it can stay. */
  static String label(String text) {
    var lower = NOT_IN_LABELS.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("-");
    var cut = lower.substring(0, Math.min(LABEL_LENGTH_MAX, lower.length()));
    return EDGES.matcher(cut).replaceAll("");
  }

  private static String hash(String name) {
    return "f" + Naming.base32(Width.BITS_64.hash(name));
  }
}
