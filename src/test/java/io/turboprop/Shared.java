package io.turboprop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reference data that may lie beside the project, in {@code ../shared}; it is no part of it. Tests
 * that read it are skipped where it is absent.
 */
public final class Shared {
  private static final Path ROOT = Path.of("..", "shared");

  private Shared() {}

  /** The path of one file or folder in the reference data; skips the calling test without it. */
  public static Path path(String relative) {
    var path = ROOT.resolve(relative);
    assumeTrue(Files.exists(path), () -> "no reference data at " + path + ": test skipped");
    return path;
  }
}
