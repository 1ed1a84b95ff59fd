package io.turboprop.plugin.local;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import flyteidl.core.Literals.Blob;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Tasks.DataLoadingConfig.LiteralMapFormat;
import flyteidl.core.Types.BlobType.BlobDimensionality;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.Literals;
import io.turboprop.plugin.container.CommandTemplates;
import io.turboprop.plugin.container.LiteralFormatter;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes the inputs of a raw container as files: a file for each, a folder for a list (named 0, 1,
 * …) or a map (named by key), blobs with their content; and all of them as {@code inputs.pb} and,
 * unless the task wants only that, as JSON. The layout is flyte-copilot's.
 */
final class RawInputs {
  private final DataStore store;
  private final Path folder;

  RawInputs(DataStore store, Path folder) {
    this.store = store;
    this.folder = folder;
  }

  /**
   * Writes all inputs.
   *
   * @throws TaskSpecificationException when an input has no form as a file
   */
  void write(Literals inputs, LiteralMapFormat format)
      throws IOException, TaskSpecificationException {
    for (var input : inputs.map().getLiteralsMap().entrySet()) {
      write(input.getValue(), child(folder, input.getKey()));
    }
    Files.write(folder.resolve("inputs.pb"), inputs.map().toByteArray());
    switch (format) {
      case JSON -> Files.writeString(folder.resolve("inputs.json"), json(inputs));
      // Every JSON text is a valid YAML text.
      case YAML -> Files.writeString(folder.resolve("inputs.yaml"), json(inputs));
      case PROTO, UNRECOGNIZED -> {}
    }
  }

  private static String json(Literals inputs) throws InvalidProtocolBufferException {
    return JsonFormat.printer().print(inputs.map());
  }

  private void write(Literal literal, Path target) throws IOException, TaskSpecificationException {
    switch (literal.getValueCase()) {
      case SCALAR -> write(literal.getScalar(), target);
      case COLLECTION -> {
        Files.createDirectories(target);
        var elements = literal.getCollection().getLiteralsList();
        for (var index = 0; index < elements.size(); index++) {
          write(elements.get(index), target.resolve(Integer.toString(index)));
        }
      }
      case MAP -> {
        Files.createDirectories(target);
        for (var entry : literal.getMap().getLiteralsMap().entrySet()) {
          write(entry.getValue(), child(target, entry.getKey()));
        }
      }
      case OFFLOADED_METADATA -> write(offloaded(literal), target);
      case VALUE_NOT_SET -> throw noFile(target, literal.getValueCase());
    }
  }

  private void write(Scalar scalar, Path target) throws IOException, TaskSpecificationException {
    switch (scalar.getValueCase()) {
      case PRIMITIVE -> Files.writeString(target, text(scalar, target));
      case NONE_TYPE -> Files.writeString(target, "null");
      case GENERIC -> Files.writeString(target, JsonFormat.printer().print(scalar.getGeneric()));
      case BINARY -> Files.write(target, scalar.getBinary().getValue().toByteArray());
      case BLOB -> download(scalar.getBlob(), target);
      case SCHEMA -> downloadAll(new DataReference(scalar.getSchema().getUri()), target);
      case STRUCTURED_DATASET ->
          downloadAll(new DataReference(scalar.getStructuredDataset().getUri()), target);
      case UNION -> write(scalar.getUnion().getValue(), target);
      case ERROR, VALUE_NOT_SET -> throw noFile(target, scalar.getValueCase());
    }
  }

  private static String text(Scalar scalar, Path target) throws TaskSpecificationException {
    try {
      return LiteralFormatter.of(scalar.getPrimitive());
    } catch (LiteralFormatter.NoTextException _) {
      throw noFile(target, scalar.getPrimitive().getValueCase());
    }
  }

  private void download(Blob blob, Path target) throws IOException, TaskSpecificationException {
    var reference = new DataReference(blob.getUri());
    if (blob.getMetadata().getType().getDimensionality() == BlobDimensionality.MULTIPART) {
      downloadAll(reference, target);
    } else {
      downloadOne(reference, target);
    }
  }

  private void downloadAll(DataReference prefix, Path target)
      throws IOException, TaskSpecificationException {
    Files.createDirectories(target);
    for (var object : store.list(prefix)) {
      var below = CommandTemplates.path(object).substring(CommandTemplates.path(prefix).length());
      downloadOne(object, child(target, below.replaceFirst("^/+", "")));
    }
  }

  private void downloadOne(DataReference object, Path target) throws IOException {
    Files.createDirectories(target.resolveSibling(""));
    try (var in = store.open(object)) {
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Literal offloaded(Literal literal) throws IOException {
    try (var in = store.open(new DataReference(literal.getOffloadedMetadata().getUri()))) {
      return Literal.parseFrom(in);
    }
  }

  /** A name that comes from a value must not lead out of its folder. */
  private static Path child(Path folder, String name) throws TaskSpecificationException {
    var child = folder.resolve(name).normalize();
    if (!child.startsWith(folder) || child.equals(folder)) {
      throw TaskSpecificationException.notBuilt("'" + name + "' cannot be the name of a file");
    }
    return child;
  }

  private static TaskSpecificationException noFile(Path target, Enum<?> kind) {
    return TaskSpecificationException.notBuilt(
        "input '" + target.getFileName() + "' of kind " + kind + " cannot be written as a file");
  }
}
