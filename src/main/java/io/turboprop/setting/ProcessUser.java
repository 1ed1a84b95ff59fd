package io.turboprop.setting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user of the system that this process runs as. */
public final class ProcessUser {
  private ProcessUser() {}

  /**
   * Whether it is the superuser, by its number: an image may give number 0 another name, or none.
   */
  public static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException _) {
      // Not Linux.
      return "root".equals(System.getProperty("user.name"));
    }
  }
}
