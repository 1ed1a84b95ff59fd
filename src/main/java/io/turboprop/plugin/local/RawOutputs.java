package io.turboprop.plugin.local;

import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Blob;
import flyteidl.core.Literals.BlobMetadata;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.BlobType;
import flyteidl.core.Types.BlobType.BlobDimensionality;
import flyteidl.core.Types.LiteralType;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.FileTrees;
import io.turboprop.data.Literals;
import io.turboprop.data.UntrustedFiles;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import io.turboprop.plugin.container.CommandTemplates;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;

/**
 * Reads the output files of a raw container by their declared types, as flyte-copilot does: simple
 * values as text of at most 1 KiB without the white space around it; blobs are uploaded unchanged
 * below the raw output prefix.
 */
final class RawOutputs {
  private static final int TEXT_BYTES_MAX = 1024;

  /** The largest file that is uploaded; a sparse file could fill the disk of the engine. */
  private static final long FILE_BYTES_MAX = 16L << 30;

  private static final int ERROR_BYTES_MAX = 1024 * 1024;
  private static final String ERROR_FILE = "_ERROR";

  private final DataStore store;
  private final Path trusted;
  private final Path folder;
  private final UntrustedFiles files;
  private final DataReference rawPrefix;

  RawOutputs(DataStore store, Path folder, DataReference rawPrefix) {
    this.store = store;
    this.folder = folder;
    this.trusted = folder.resolveSibling("").resolveSibling("");
    this.files = new UntrustedFiles(trusted);
    this.rawPrefix = rawPrefix;
  }

  /** The files do not match the declared interface, or the container has reported a failure. */
  static final class RawOutputException extends Exception {
    private static final long serialVersionUID = 1L;

    RawOutputException(String message) {
      super(message);
    }

    /** The error as Flyte's own uploader would report it. */
    ExecutionError error() {
      return ExecutionError.user("OutputUploadFailed", String.valueOf(getMessage()));
    }
  }

  /** Reads all declared outputs. */
  Literals read(VariableMap declared) throws IOException, RawOutputException {
    refuseError();
    var outputs = new LinkedHashMap<String, Literal>();
    for (var variable : declared.getVariablesMap().entrySet()) {
      var file = find(variable.getKey());
      outputs.put(
          variable.getKey(), literal(variable.getKey(), variable.getValue().getType(), file));
    }
    return Literals.of(outputs);
  }

  private void refuseError() throws IOException, RawOutputException {
    var file = folder.resolve(ERROR_FILE);
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new RawOutputException("User Error: " + start(file, ERROR_BYTES_MAX));
    }
  }

  /** The output's own file, or the only file with its name and an extension. */
  private Path find(String name) throws IOException, RawOutputException {
    var exact = folder.resolve(name);
    if (Files.exists(exact, LinkOption.NOFOLLOW_LINKS)) {
      return exact;
    }
    var extended =
        FileTrees.entries(trusted, folder).stream()
            .filter(file -> String.valueOf(file.getFileName()).startsWith(name + "."))
            .toList();
    if (extended.size() != 1) {
      throw new RawOutputException(
          "output '" + name + "': expected one file of that name, found " + extended.size());
    }
    return extended.getFirst();
  }

  private Literal literal(String name, LiteralType type, Path file)
      throws IOException, RawOutputException {
    return switch (type.getTypeCase()) {
      case SIMPLE -> {
        yield LiteralParser.parse(name, type.getSimple(), text(name, file));
      }
      case BLOB -> blob(name, type.getBlob(), file);
      case SCHEMA,
          COLLECTION_TYPE,
          MAP_VALUE_TYPE,
          ENUM_TYPE,
          STRUCTURED_DATASET_TYPE,
          UNION_TYPE,
          TYPE_NOT_SET ->
          throw new RawOutputException(
              "output '"
                  + name
                  + "' of type "
                  + type.getTypeCase()
                  + " cannot be read from a file");
    };
  }

  private String text(String name, Path file) throws IOException, RawOutputException {
    try {
      return files.read(file, TEXT_BYTES_MAX).toStringUtf8();
    } catch (NotRegularFileException | DataTooLargeException | NoSuchFileException _) {
      throw new RawOutputException(
          "output '" + name + "' must be a file of at most " + TEXT_BYTES_MAX + " bytes");
    }
  }

  private Literal blob(String name, BlobType type, Path file)
      throws IOException, RawOutputException {
    var multipart = type.getDimensionality() == BlobDimensionality.MULTIPART;
    if (multipart != Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new RawOutputException(
          "output '" + name + "' must be a " + (multipart ? "folder" : "file"));
    }
    var target = new DataReference(CommandTemplates.path(rawPrefix)).child(name);
    if (multipart) {
      uploadAll(name, file, target);
    } else {
      upload(name, file, target);
    }
    var blob =
        Blob.newBuilder()
            .setUri(target.uri())
            .setMetadata(BlobMetadata.newBuilder().setType(type))
            .build();
    return Literal.newBuilder().setScalar(Scalar.newBuilder().setBlob(blob)).build();
  }

  private void uploadAll(String name, Path from, DataReference target)
      throws IOException, RawOutputException {
    for (var file : FileTrees.files(trusted, from)) {
      upload(name, file, target.child(from.relativize(file).toString()));
    }
  }

  private void upload(String name, Path file, DataReference target)
      throws IOException, RawOutputException {
    try (var in = Channels.newInputStream(files.open(file))) {
      store.write(target, in, FILE_BYTES_MAX);
    } catch (DataStore.DataTooLargeException _) {
      throw new RawOutputException(
          "output '%s' can't be uploaded: '%s' has more than %d GiB"
              .formatted(name, folder.relativize(file), FILE_BYTES_MAX >> 30));
    } catch (NotRegularFileException e) {
      throw new RawOutputException(
          "output '%s' can't be uploaded: '%s' is no regular file (%s)"
              .formatted(name, folder.relativize(file), e.getReason()));
    }
  }

  private String start(Path file, int sizeBytesMax) throws IOException {
    try (var in = Channels.newInputStream(files.open(file))) {
      return new String(in.readNBytes(sizeBytesMax), StandardCharsets.UTF_8);
    }
  }
}
