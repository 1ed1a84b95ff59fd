package io.turboprop.plugin.local;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.FileTrees;
import io.turboprop.data.Sha256;
import io.turboprop.data.UntrustedFiles;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import io.turboprop.plugin.container.CommandTemplates;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registered code: an archive is unpacked once and then copied for each attempt. The name of an
 * unpacked tree is the digest of its archive, so the tree never changes. If two attempts unpack the
 * same archive at the same time, the first result stays.
 */
final class CodeArchives {
  private static final Logger LOG = LoggerFactory.getLogger(CodeArchives.class);

  private static final Pattern ARCHIVES = Pattern.compile(".*\\.(tar|tar\\.gz|tgz)");

  /** The identity of an archive at the time of unpacking; a changed file is another archive. */
  private record Version(String uri, long sizeBytes, FileTime modified) {}

  private final Path trees;
  private final Path fresh;
  private final Clock clock;
  private final Unpacking.Limits limits;
  private final Cache<Version, Path> treesByVersion =
      Caffeine.newBuilder().maximumSize(10_000).build();

  CodeArchives(Path directory, Clock clock, Unpacking.Limits limits) throws IOException {
    this.limits = limits;
    this.trees = Files.createDirectories(directory.resolve("trees"));
    this.fresh = directory.resolve("fresh");
    this.clock = clock;
    FileTrees.delete(fresh);
    Files.createDirectories(fresh);
  }

  /**
   * Puts registered code into a folder, as {@code pyflyte-fast-execute} does: the content of a tar
   * archive, compressed or not, or the file itself if it is a {@code pkl.gz}.
   *
   * @throws TaskSpecificationException when the archive is missing, unreadable, of another kind or
   *     broken, has an entry outside of its tree, or exceeds a bound
   * @throws IOException for reasons that may pass
   */
  void unpack(String uri, Path destination, DataStore store)
      throws IOException, TaskSpecificationException {
    try {
      put(uri, destination, store);
    } catch (NoSuchFileException e) {
      throw unreadable(uri, e.getReason() == null ? "it is not there" : e.getReason());
    } catch (AccessDeniedException e) {
      throw unreadable(uri, e.getReason() == null ? "it is not permitted" : e.getReason());
    } catch (NotRegularFileException e) {
      throw unreadable(uri, String.valueOf(e.getReason()));
    }
  }

  private static TaskSpecificationException unreadable(String uri, String reason) {
    return TaskSpecificationException.badSpecification(
        "the code archive %s can't be read: %s".formatted(uri, reason));
  }

  private void put(String uri, Path destination, DataStore store)
      throws IOException, TaskSpecificationException {
    var name = uri.substring(uri.lastIndexOf('/') + 1);
    Files.createDirectories(destination);
    if (ARCHIVES.matcher(name).matches()) {
      FileTrees.copy(tree(uri, store), destination);
    } else if (name.endsWith("pkl.gz")) {
      try (var in = store.open(new DataReference(uri))) {
        Files.copy(in, destination.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    } else {
      throw TaskSpecificationException.badSpecification(
          "unrecognized additional distribution format: " + uri);
    }
  }

  /** Deletes trees that no attempt has used for a time. */
  void forgetUnused(Duration kept) throws IOException {
    var oldest = FileTime.from(clock.instant().minus(kept));
    try (var found = Files.list(trees)) {
      for (var tree : found.toList()) {
        if (Files.getLastModifiedTime(tree).compareTo(oldest) < 0) {
          LOG.info("deleting code not used since {}: {}", Files.getLastModifiedTime(tree), tree);
          FileTrees.delete(tree);
        }
      }
    }
  }

  private Path tree(String uri, DataStore store) throws IOException, TaskSpecificationException {
    var version = version(uri);
    var known = treesByVersion.getIfPresent(version);
    if (known != null && Files.isDirectory(known)) {
      return known;
    }
    var work = Files.createDirectory(fresh.resolve(UUID.randomUUID().toString()));
    try {
      var local = onThisMachine(uri);
      var archive = local.isPresent() ? local.get() : store.localFile(new DataReference(uri), work);
      var tree = trees.resolve(digest(archive));
      if (!Files.isDirectory(tree)) {
        unpackTo(archive, work.resolve("tree"), tree, uri);
      }
      Files.setLastModifiedTime(tree, FileTime.from(clock.instant()));
      treesByVersion.put(version, tree);
      return tree;
    } finally {
      FileTrees.delete(work);
    }
  }

  /**
   * A local file may be replaced, so its size and time are part of the identity; remote archives
   * have a name per content.
   */
  private static Version version(String uri) throws IOException {
    var file = onThisMachine(uri);
    return file.isPresent()
        ? new Version(uri, Files.size(file.get()), Files.getLastModifiedTime(file.get()))
        : new Version(uri, 0, FileTime.fromMillis(0));
  }

  private static Optional<Path> onThisMachine(String uri) {
    var path = CommandTemplates.path(new DataReference(uri));
    return path.contains("://")
        ? Optional.empty()
        : Optional.of(Path.of(path)).filter(Files::isReadable);
  }

  private static String digest(Path archive) throws IOException {
    try (var in = open(archive)) {
      return Sha256.hex(in);
    }
  }

  private static InputStream open(Path archive) throws IOException {
    var real = archive.toRealPath();
    return Channels.newInputStream(new UntrustedFiles(real.resolveSibling("")).open(real));
  }

  private void unpackTo(Path archive, Path draft, Path tree, String uri)
      throws IOException, TaskSpecificationException {
    Files.createDirectory(draft);
    try (var in = open(archive)) {
      new Unpacking(draft, uri, limits).all(in);
    }
    try {
      Files.move(draft, tree, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Java has no exception class for Linux's "Directory not empty".
      if (!Files.isDirectory(tree)) {
        throw e;
      }
      LOG.debug("another attempt has unpacked {} meanwhile", uri);
    }
  }
}
