package io.turboprop.executor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/**
 * The identity of a data folder: a file in it, created once. A process that is restarted on its
 * folder is the same executor.
 */
public final class NodeIdentity {
  private NodeIdentity() {}

  /**
   * Reads the identity, or creates it.
   *
   * @param file in a folder that one process uses at a time
   */
  public static String load(Path file) throws IOException {
    try {
      var known = Files.readString(file).strip();
      if (!known.isEmpty()) {
        return known;
      }
    } catch (NoSuchFileException _) {
      // It is created below.
    }
    var identity = UUID.randomUUID().toString();
    var draft = Files.writeString(file.resolveSibling(file.getFileName() + ".draft"), identity);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    return identity;
  }
}
