package io.turboprop.data;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Finds a file without opening it, which Java can't. Calls {@code openat(2)} with {@code O_PATH}
 * for each part of the path, and never follows a link. Such a handle never blocks, not even on a
 * pipe, and refers to the same file even if the path is replaced later. Linux only.
 */
final class NativeOpen {
  private static final int NO_SUCH_FILE = 2;
  private static final int NO_PERMISSION = 13;
  private static final int NOT_A_FOLDER = 20;
  private static final int NAME_TOO_LONG = 36;
  private static final int TOO_MANY_LINKS = 40;

  private static final int PATH_ONLY = 0x200000;
  private static final int CLOSE_ON_EXEC = 0x80000;

  /** These two flags have other values on ARM and POWER than elsewhere (asm/fcntl.h). */
  private static final boolean OTHER_NUMBERS =
      System.getProperty("os.arch", "").matches("aarch64|arm.*|ppc.*");

  private static final int FOLDER_ONLY = OTHER_NUMBERS ? 0x4000 : 0x10000;
  private static final int NO_LINK = OTHER_NUMBERS ? 0x8000 : 0x20000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERROR_NUMBER =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN_AT =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("openat"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(3),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle CLOSE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private NativeOpen() {}

  /** Whether this machine supports these calls. */
  static boolean isAvailable() {
    return Files.isDirectory(Path.of("/proc/self/fd"));
  }

  /**
   * A file of any kind that was found.
   *
   * @param descriptor the file descriptor in this process; closing the handle frees it
   */
  record Handle(int descriptor) implements AutoCloseable {
    /** A path that leads to this file, and to no other, until the handle is closed. */
    Path path() {
      return Path.of("/proc/self/fd", Integer.toString(descriptor));
    }

    /**
     * Finds a folder in this folder.
     *
     * @param file the folder's whole path, for messages
     * @throws NoSuchFileException when there is none of this name; a link is none
     */
    Handle folder(Path name, Path file) throws IOException {
      return openAt(descriptor, name, FOLDER_ONLY | NO_LINK | PATH_ONLY, file);
    }

    /**
     * Finds a file of any kind in this folder; of a link, the link itself.
     *
     * @param file the file's whole path, for messages
     */
    Handle entry(Path name, Path file) throws IOException {
      return openAt(descriptor, name, NO_LINK | PATH_ONLY, file);
    }

    @Override
    public void close() {
      call(() -> (int) CLOSE.invokeExact(descriptor));
    }
  }

  /**
   * Finds a file below a folder. Links are followed up to the folder, but not below it. If the file
   * itself is a link, the handle refers to the link.
   *
   * @throws NoSuchFileException when there is no such file, or a link or a file stands where a
   *     folder should
   */
  static Handle find(Path folder, Path file) throws IOException {
    var handle = folder(folder);
    var names = folder.relativize(file);
    for (var index = 0; index < names.getNameCount(); index++) {
      var kind = index < names.getNameCount() - 1 ? FOLDER_ONLY : 0;
      try (var above = handle) {
        handle = openAt(above.descriptor(), names.getName(index), kind | NO_LINK | PATH_ONLY, file);
      }
    }
    return handle;
  }

  /** Finds a folder; links in its path are followed. */
  static Handle folder(Path folder) throws IOException {
    return openAt(-1, folder.toAbsolutePath(), FOLDER_ONLY | PATH_ONLY, folder);
  }

  private static Handle openAt(int folder, Path name, int flags, Path file) throws IOException {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(CALL_STATE);
      MemorySegment text = arena.allocateFrom(name.toString());
      var descriptor =
          call(() -> (int) OPEN_AT.invokeExact(state, folder, text, flags | CLOSE_ON_EXEC));
      if (descriptor < 0) {
        throw failure((int) ERROR_NUMBER.get(state, 0L), file);
      }
      return new Handle(descriptor);
    }
  }

  private static FileSystemException failure(int number, Path file) {
    return switch (number) {
      case NO_SUCH_FILE -> new NoSuchFileException(file.toString());
      case NOT_A_FOLDER, TOO_MANY_LINKS, NAME_TOO_LONG ->
          new NoSuchFileException(file.toString(), null, "a part of its path is not a folder");
      case NO_PERMISSION -> new AccessDeniedException(file.toString());
      default ->
          new FileSystemException(file.toString(), null, "the system refuses it, error " + number);
    };
  }

  private interface NativeCall {
    int run() throws Throwable;
  }

  /**
   * A call of libc throws nothing, so the exceptions that a method handle's signature allows can't
   * happen.
   */
  private static int call(NativeCall call) {
    try {
      return call.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
