package io.turboprop.admin;

import java.io.IOException;
import java.nio.file.Path;

/** Runs the door without an engine, to try real clients by hand: {@code FOLDER}. */
final class TestingAdminMain {
  private TestingAdminMain() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    try (var door = new TestingAdmin(Path.of(args[0]))) {
      System.out.println("port " + door.port());
      Thread.currentThread().join();
    }
  }
}
