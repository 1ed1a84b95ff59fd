package io.turboprop.cli;

import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Prints an exception for people: a line for each cause that adds something to the line before. */
final class Explanation {
  private Explanation() {}

  static void print(Throwable thrown, PrintWriter err) {
    var said = "";
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      var message = message(cause);
      if (!said.contains(message)) {
        err.println((said.isEmpty() ? "turboprop: " : "  because: ") + message);
      }
      said = message;
    }
    err.flush();
  }

  /** The message of a file system exception is only the path; its class says what is wrong. */
  private static String message(Throwable cause) {
    return switch (cause) {
      case FileSystemException file when file.getReason() != null -> said(file);
      case AccessDeniedException file -> "no permission for " + file.getFile();
      case NoSuchFileException file -> "there is no " + file.getFile();
      case NotDirectoryException file -> file.getFile() + " is not a folder";
      case FileAlreadyExistsException file -> file.getFile() + " is in the way";
      case Throwable other -> said(other);
    };
  }

  private static String said(Throwable thrown) {
    var message = thrown.getMessage();
    return message == null ? thrown.getClass().getName() : message;
  }
}
