package io.turboprop.data;

import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Literals.Scalar;

/**
 * Takes {@code file://} off the places that literals refer to (tasks §11.5). To be done once, where
 * literals come in: tasks fail on such URIs, and two spellings of one path would be two entries of
 * the cache.
 */
public final class PlainUris {
  private PlainUris() {}

  /** The same literals with plain paths. */
  public static Literals in(Literals literals) {
    return literals.isEmpty() ? literals : new Literals(map(literals.map()));
  }

  private static LiteralMap map(LiteralMap map) {
    var plain = map.toBuilder();
    map.getLiteralsMap().forEach((name, value) -> plain.putLiterals(name, literal(value)));
    return plain.build();
  }

  private static Literal literal(Literal literal) {
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

  private static LiteralCollection collection(LiteralCollection collection) {
    var plain = LiteralCollection.newBuilder();
    collection.getLiteralsList().forEach(element -> plain.addLiterals(literal(element)));
    return plain.build();
  }

  private static Scalar scalar(Scalar scalar) {
    var plain = scalar.toBuilder();
    switch (scalar.getValueCase()) {
      case BLOB -> plain.getBlobBuilder().setUri(uri(scalar.getBlob().getUri()));
      case SCHEMA -> plain.getSchemaBuilder().setUri(uri(scalar.getSchema().getUri()));
      case STRUCTURED_DATASET ->
          plain.getStructuredDatasetBuilder().setUri(uri(scalar.getStructuredDataset().getUri()));
      case UNION -> plain.getUnionBuilder().setValue(literal(scalar.getUnion().getValue()));
      case PRIMITIVE, BINARY, NONE_TYPE, ERROR, GENERIC, VALUE_NOT_SET -> {}
    }
    return plain.build();
  }

  private static String uri(String uri) {
    return new DataReference(uri).plain().uri();
  }
}
