package io.turboprop.compiler;

import static io.turboprop.compiler.TestingDefinitions.BOOLEAN;
import static io.turboprop.compiler.TestingDefinitions.FLOAT;
import static io.turboprop.compiler.TestingDefinitions.INTEGER;
import static io.turboprop.compiler.TestingDefinitions.NONE;
import static io.turboprop.compiler.TestingDefinitions.STRING;
import static io.turboprop.compiler.TestingDefinitions.STRUCT;
import static io.turboprop.compiler.TestingDefinitions.list;
import static io.turboprop.compiler.TestingDefinitions.map;
import static io.turboprop.compiler.TestingDefinitions.oneOf;
import static io.turboprop.compiler.TestingDefinitions.simple;
import static io.turboprop.compiler.TestingDefinitions.tagged;
import static io.turboprop.compiler.TestingDefinitions.union;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Types.BlobType;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SchemaType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.StructuredDatasetType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Tests for each pair of kinds of types whether the first is accepted where the second is expected,
 * as in Flyte's compiler.
 */
class CastingMatrixTest {

  /** A line for each given type and a column for each expected type, in the same order. */
  private static final String ACCEPTED =
      """
      integer      x..........x........xxx.
      float        .x......................
      string       ..x......xx...........x.
      boolean      ...x....................
      datetime     ....x...................
      duration     .....x..................
      none         ......x............x.x..
      struct       .......x................
      binary       ........x...............
      enum         ..x......x............x.
      other enum   ..x.......x...........x.
      tagged int   ...........x............
      list         ............x.x.........
      empty list   ............xxx.........
      list of opt. ..............x........x
      map          ...............x........
      csv          ................xx......
      any blob     ................xx......
      schema       ..................xx....
      dataset      ..................xx....
      only int     x..........x........xxx.
      opt. int     .....................x..
      int or str   ......................x.
      ambiguous    .......................x
      """;

  private static Map<String, LiteralType> types() {
    var types = new LinkedHashMap<String, LiteralType>();
    types.put("integer", INTEGER);
    types.put("float", FLOAT);
    types.put("string", STRING);
    types.put("boolean", BOOLEAN);
    types.put("datetime", simple(SimpleType.DATETIME));
    types.put("duration", simple(SimpleType.DURATION));
    types.put("none", NONE);
    types.put("struct", STRUCT);
    types.put("binary", simple(SimpleType.BINARY));
    types.put("enum", oneOf("a", "b"));
    types.put("other enum", oneOf("b", "a"));
    types.put("tagged int", tagged(INTEGER, "int"));
    types.put("list", list(INTEGER));
    types.put("empty list", list(NONE));
    types.put("list of opt.", list(union(INTEGER, NONE)));
    types.put("map", map(INTEGER));
    types.put("csv", blob("csv"));
    types.put("any blob", blob(""));
    types.put("schema", LiteralType.newBuilder().setSchema(SchemaType.newBuilder()).build());
    types.put(
        "dataset",
        LiteralType.newBuilder()
            .setStructuredDatasetType(StructuredDatasetType.newBuilder())
            .build());
    types.put("only int", union(INTEGER));
    types.put("opt. int", union(INTEGER, NONE));
    types.put("int or str", union(INTEGER, STRING));
    types.put("ambiguous", union(list(INTEGER), list(union(INTEGER, NONE))));
    return types;
  }

  private static LiteralType blob(String format) {
    return LiteralType.newBuilder().setBlob(BlobType.newBuilder().setFormat(format)).build();
  }

  @Test
  void everyPairIsAcceptedOrNot() {
    var found = new StringBuilder();
    types()
        .forEach((name, given) -> {
          found.append("%-12s ".formatted(name));
          types()
              .values()
              .forEach(expected -> found.append(TypeCasting.castable(given, expected) ? 'x' : '.'));
          found.append('\n');
        });
    assertThat(found.toString()).isEqualTo(ACCEPTED);
  }
}
