package io.turboprop.admin;

import java.security.SecureRandom;
import java.util.regex.Pattern;

/** The names that executions may have (admin §4.1). */
final class ExecutionNames {
  private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final String CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final int RANDOM_CHARACTERS = 19;

  private final SecureRandom random = new SecureRandom();

  /**
   * The name that a client wants, or a new one if it does not care. Stricter than FlyteAdmin, which
   * lets capitals pass that nothing later can bear.
   *
   * @throws AdminException {@code INVALID_ARGUMENT}
   */
  String of(String wanted) {
    if (wanted.isEmpty()) {
      return fresh();
    }
    if (!VALID.matcher(wanted).matches()) {
      throw AdminException.invalidArgument(
          "invalid name [%s]: an execution's name has 1 to 63 lower case letters, digits and dashes"
              .formatted(wanted.substring(0, Math.min(wanted.length(), 100)))
              + ", and begins with a letter");
    }
    return wanted;
  }

  private String fresh() {
    var name = new StringBuilder("a");
    for (int i = 0; i < RANDOM_CHARACTERS; i++) {
      name.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
    }
    return name.toString();
  }
}
