package io.turboprop.postgres;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks PostgreSQL's programs for this platform from the class path, once per version.
 *
 * <p>The archive is {@code postgres-<system>-<machine>.txz}. Several processes may unpack at the
 * same time: each unpacks into a folder of its own, and the first that renames its folder wins.
 */
final class PostgresBinaries {
  private static final int EXECUTABLE_BY_OWNER = 0100;

  private PostgresBinaries() {}

  /**
   * The folder with {@code bin/}, {@code lib/} and {@code share/}.
   *
   * @param parent the folder that has one folder per version
   * @throws StoreException when there are no binaries for this platform
   */
  static Path unpacked(Path parent) throws IOException {
    var name = archiveName();
    var archive = PostgresBinaries.class.getClassLoader().getResource(name);
    if (archive == null) {
      throw new StoreException(
          "no PostgreSQL for this platform on the class path (%s): use turboprop.store.server = external"
              .formatted(name));
    }
    var folder = parent.toAbsolutePath().resolve(stem(name) + "-" + fingerprint(archive));
    if (!Files.exists(folder)) {
      try {
        unpack(archive, folder);
      } catch (IOException e) {
        throw new IOException(
            "can't unpack PostgreSQL into %s (turboprop.cache, XDG_CACHE_HOME)".formatted(parent),
            e);
      }
    }
    return folder;
  }

  private static String archiveName() {
    var system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    var machine =
        System.getProperty("os.arch").replace("amd64", "x86_64").replace("aarch64", "arm_64");
    if (system.startsWith("windows")) {
      return "postgres-windows-" + machine + ".txz";
    }
    if (system.startsWith("mac")) {
      return "postgres-darwin-" + machine + ".txz";
    }
    var musl = Files.exists(Path.of("/etc/alpine-release")) ? "-alpine_linux" : "";
    return "postgres-linux-" + machine + musl + ".txz";
  }

  private static String stem(String name) {
    return name.substring(0, name.length() - ".txz".length());
  }

  /**
   * The checksum of the archive in the jar's directory, or outside of a jar its size: faster than
   * reading it.
   */
  private static String fingerprint(URL archive) throws IOException {
    var connection = archive.openConnection();
    return connection instanceof JarURLConnection jar
        ? Long.toHexString(jar.getJarEntry().getCrc())
        : Long.toHexString(connection.getContentLengthLong());
  }

  private static void unpack(URL archive, Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    var temporary = Files.createTempDirectory(folder.getParent(), folder.getFileName() + ".");
    try (var stream = archive.openStream()) {
      unpack(stream, temporary);
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      Folders.delete(temporary);
    }
  }

  private static void unpack(InputStream archive, Path folder) throws IOException {
    var tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)));
    for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      var target = folder.resolve(entry.getName()).normalize();
      if (!target.startsWith(folder)) {
        throw new IOException("the archive has an entry outside of its folder: " + entry.getName());
      }
      if (!isForDevelopers(entry.getName())) {
        write(tar, entry, target);
      }
    }
  }

  private static boolean isForDevelopers(String name) {
    return name.endsWith(".a") || name.contains("/pkgconfig/");
  }

  private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, target);
    if ((entry.getMode() & EXECUTABLE_BY_OWNER) != 0
        && !target.toFile().setExecutable(true, false)) {
      throw new IOException("can't make " + target + " executable");
    }
  }
}
