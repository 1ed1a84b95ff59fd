package io.turboprop.compiler;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Reads the files that clients write for a later registration.
 *
 * <ul>
 *   <li>{@code .tgz}, {@code .tar.gz}: an archive made by {@code pyflyte package}, of {@code .pb}
 *       files; other members are ignored
 *   <li>{@code .json}: one message as proto3 JSON; unknown fields are ignored
 *   <li>any other name: one message in binary
 * </ul>
 *
 * <p>A message is a {@code TaskSpec}, a {@code WorkflowSpec} or a {@code LaunchPlan}, the request
 * to create one of them, a {@code WorkflowClosure}, or a compiled closure.
 */
public final class SourceReader {
  private static final JsonFormat.Parser JSON = JsonFormat.parser().ignoringUnknownFields();

  private final SourceShapes shapes = new SourceShapes();

  private SourceReader() {}

  /**
   * Reads all files as a single set; each file may refer to definitions in the others.
   *
   * @throws MalformedSourceException for the first file that can't be read or parsed
   */
  public static Sources read(List<Path> files) throws MalformedSourceException {
    var reader = new SourceReader();
    for (var file : files) {
      reader.read(file);
    }
    return reader.shapes.toSources();
  }

  private void read(Path file) throws MalformedSourceException {
    var name = file.toString().toLowerCase(Locale.ROOT);
    try {
      if (name.endsWith(".tgz") || name.endsWith(".tar.gz")) {
        archive(file);
      } else if (name.endsWith(".json")) {
        var json = Files.readString(file);
        shapes.take(file.toString(), kind -> parseJson(kind, json));
      } else {
        binary(file.toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new MalformedSourceException(file.toString(), "cannot be read: " + e, e);
    }
  }

  private void archive(Path file) throws IOException, MalformedSourceException {
    try (var bytes = new BufferedInputStream(Files.newInputStream(file));
        var tar =
            new TarArchiveInputStream(new GZIPInputStream(bytes), StandardCharsets.UTF_8.name())) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile() && entry.getName().endsWith(".pb")) {
          binary(file + "!" + entry.getName(), tar.readAllBytes());
        }
      }
    }
  }

  private void binary(String name, byte[] content) throws MalformedSourceException {
    shapes.take(name, kind -> kind.getParserForType().parseFrom(content));
  }

  private static Message parseJson(Message kind, String json)
      throws InvalidProtocolBufferException {
    var builder = kind.newBuilderForType();
    JSON.merge(json, builder);
    return builder.build();
  }
}
