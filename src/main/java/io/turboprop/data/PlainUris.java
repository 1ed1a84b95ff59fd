package io.turboprop.data;

import flyteidl.core.Literals.Blob;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.BlobType;
import java.io.IOException;
import java.nio.file.AccessDeniedException;

/**
 * Removes {@code file://} from the URIs in literals. The API does this once, where literals enter:
 * tasks fail on such URIs, and two spellings of a path would make two cache entries.
 */
public final class PlainUris {
  private final DataStore store;

  private PlainUris(DataStore store) {
    this.store = store;
  }

  /**
   * The same literals with plain paths. Clients refer to an uploaded directory of a single file by
   * that file; such a literal is changed to refer to the directory.
   */
  public static Literals in(Literals literals, DataStore store) throws IOException {
    return literals.isEmpty() ? literals : new Literals(new PlainUris(store).map(literals.map()));
  }

  private LiteralMap map(LiteralMap map) throws IOException {
    var plain = map.toBuilder();
    for (var entry : map.getLiteralsMap().entrySet()) {
      plain.putLiterals(entry.getKey(), literal(entry.getValue()));
    }
    return plain.build();
  }

  private Literal literal(Literal literal) throws IOException {
    var plain = literal.toBuilder();
    switch (literal.getValueCase()) {
      case SCALAR -> plain.setScalar(scalar(literal.getScalar()));
      case COLLECTION -> plain.setCollection(collection(literal.getCollection()));
      case MAP -> plain.setMap(map(literal.getMap()));
      case OFFLOADED_METADATA -> {
        var offloaded = plain.getOffloadedMetadataBuilder();
        offloaded.setUri(uri(offloaded.getUri()));
      }
      case VALUE_NOT_SET -> {}
    }
    return plain.build();
  }

  private LiteralCollection collection(LiteralCollection collection) throws IOException {
    var plain = LiteralCollection.newBuilder();
    for (var element : collection.getLiteralsList()) {
      plain.addLiterals(literal(element));
    }
    return plain.build();
  }

  private Scalar scalar(Scalar scalar) throws IOException {
    var plain = scalar.toBuilder();
    switch (scalar.getValueCase()) {
      case BLOB -> plain.setBlob(blob(scalar.getBlob()));
      case SCHEMA -> plain.getSchemaBuilder().setUri(uri(scalar.getSchema().getUri()));
      case STRUCTURED_DATASET ->
          plain.getStructuredDatasetBuilder().setUri(uri(scalar.getStructuredDataset().getUri()));
      case UNION -> plain.getUnionBuilder().setValue(literal(scalar.getUnion().getValue()));
      case PRIMITIVE, BINARY, NONE_TYPE, ERROR, GENERIC, VALUE_NOT_SET -> {}
    }
    return plain.build();
  }

  private Blob blob(Blob blob) throws IOException {
    var place = new DataReference(blob.getUri()).plain();
    var directory =
        blob.getMetadata().getType().getDimensionality() == BlobType.BlobDimensionality.MULTIPART;
    var oneFile = directory && isFile(place);
    return blob.toBuilder()
        .setUri(oneFile ? place.uri().substring(0, place.uri().lastIndexOf('/')) : place.uri())
        .build();
  }

  /** A location that the store never reads, such as a foreign bucket, is left to the tasks. */
  private boolean isFile(DataReference place) throws IOException {
    try {
      return store.size(place).isPresent();
    } catch (AccessDeniedException e) {
      return false;
    }
  }

  private static String uri(String uri) {
    return new DataReference(uri).plain().uri();
  }
}
