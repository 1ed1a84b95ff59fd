package io.turboprop.admin.executions;

import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.ExecutionId;
import java.security.SecureRandom;

/** The names of executions: checks the names of clients, and generates names. */
final class ExecutionNames {
  private static final int SHOWN_MAX = 100;
  private static final String CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final int RANDOM_CHARACTERS = 19;

  private final SecureRandom random = new SecureRandom();

  /**
   * Checks a client's name. Stricter than FlyteAdmin, which accepts capital letters that fail
   * later.
   *
   * @throws AdminException {@code INVALID_ARGUMENT}
   */
  static String chosen(String name) {
    if (!ExecutionId.isName(name)) {
      throw AdminException.invalidArgument(
          "invalid name [%s]: an execution's name has 1 to 63 lower case letters, digits and dashes"
                  .formatted(name.substring(0, Math.min(name.length(), SHOWN_MAX)))
              + ", and begins with a letter");
    }
    return name;
  }

  /** A new name: {@code a} and 19 characters that form no words. */
  String generated() {
    var name = new StringBuilder("a");
    for (int i = 0; i < RANDOM_CHARACTERS; i++) {
      name.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
    }
    return name.toString();
  }
}
