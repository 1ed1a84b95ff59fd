package io.turboprop.data;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The objects that a task can put in the place of a file that the engine reads. */
public enum HostileFiles {
  /** A named pipe: opening it waits for a writer, for ever. */
  PIPE {
    @Override
    public void putAt(Path file) throws IOException {
      run("mkfifo", file.toString());
    }
  },
  SOCKET {
    @Override
    public void putAt(Path file) throws IOException {
      // The path of a socket must be short, and a test's folder may have a long path.
      var near = Files.createTempDirectory(Path.of("/tmp"), "s").resolve("s");
      ServerSocketChannel.open(StandardProtocolFamily.UNIX)
          .bind(UnixDomainSocketAddress.of(near))
          .close();
      Files.move(near, file);
      Files.delete(near.getParent());
    }
  },
  /** A file that never ends. */
  LINK_TO_A_DEVICE {
    @Override
    public void putAt(Path file) throws IOException {
      Files.createSymbolicLink(file, Path.of("/dev/zero"));
    }
  },
  LINK_TO_A_SECRET {
    @Override
    public void putAt(Path file) throws IOException {
      Files.createSymbolicLink(file, Path.of("/etc/passwd"));
    }
  },
  LINK_TO_ITSELF {
    @Override
    public void putAt(Path file) throws IOException {
      Files.createSymbolicLink(file, file);
    }
  },
  FOLDER {
    @Override
    public void putAt(Path file) throws IOException {
      Files.createDirectory(file);
    }
  },
  /** A sparse file of 4 GiB, which takes no space on the disk. */
  HUGE {
    @Override
    public void putAt(Path file) throws IOException {
      makeHuge(file);
    }
  };

  private static final long HUGE_BYTES = 4L * 1024 * 1024 * 1024;

  /** Puts the object at a path, which must not exist yet. */
  public abstract void putAt(Path file) throws IOException;

  /** Like {@link #putAt}, and replaces an existing file. */
  public void replace(Path file) throws IOException {
    Files.deleteIfExists(file);
    putAt(file);
  }

  private static void makeHuge(Path file) throws IOException {
    try (var opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(HUGE_BYTES);
    }
  }

  private static void run(String... command) throws IOException {
    try {
      if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
        throw new IOException("failed: " + String.join(" ", command));
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
