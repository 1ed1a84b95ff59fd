package io.turboprop.catalog;

import static io.turboprop.data.TestingLiterals.integer;
import static io.turboprop.data.TestingLiterals.list;
import static io.turboprop.data.TestingLiterals.map;
import static io.turboprop.data.TestingLiterals.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Interface.TypedInterface;
import flyteidl.core.Interface.Variable;
import flyteidl.core.Interface.VariableMap;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Tasks.TaskMetadata;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Types.LiteralType;
import flyteidl.core.Types.SimpleType;
import flyteidl.core.Types.StructuredDatasetType;
import flyteidl.core.Types.StructuredDatasetType.DatasetColumn;
import flyteidl.core.Types.TypeAnnotation;
import flyteidl.core.Types.TypeStructure;
import flyteidl.core.Types.UnionType;
import io.turboprop.data.Literals;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CacheKeyTest {
  private static final LiteralType INTEGER =
      LiteralType.newBuilder().setSimple(SimpleType.INTEGER).build();
  private static final VariableMap TWO_INTEGERS =
      VariableMap.newBuilder()
          .putVariables("1", variable(INTEGER))
          .putVariables("2", variable(INTEGER))
          .build();
  private static final TaskTemplate TASK =
      TaskTemplate.newBuilder()
          .setId(
              Identifier.newBuilder()
                  .setProject("flytesnacks")
                  .setDomain("development")
                  .setName("square")
                  .setVersion("v7"))
          .setMetadata(TaskMetadata.newBuilder().setDiscoverable(true).setDiscoveryVersion("1.0.0"))
          .setInterface(TypedInterface.newBuilder().setInputs(TWO_INTEGERS))
          .build();
  private static final Literals INPUTS = Literals.of(Map.of("1", integer(1), "2", integer(2)));

  @Test
  void aKeyIsAsFlyteComputesIt() {
    assertThat(CacheKey.of(TASK, INPUTS))
        .isEqualTo(
            new CacheKey(
                "flytesnacks",
                "development",
                "flyte_task-square",
                "1.0.0-UxVtPm0k-GKw-c0Pw",
                "flyte_cached-GQid5LjHbakcW68DS3P2jp80QLbiF0olFHF2hTh5bg8"));
  }

  @Test
  void theVersionOfTheTaskIsNoPartOfTheKey() {
    var id = TASK.getId().toBuilder().setVersion("v8");
    assertThat(CacheKey.of(TASK.toBuilder().setId(id).build(), INPUTS))
        .isEqualTo(CacheKey.of(TASK, INPUTS));
  }

  @Test
  void spacesAroundTheCacheVersionAreIgnoredAndAnEmptyVersionIsRefused() {
    assertThat(CacheKey.of(withVersion(" 1.0.0 "), INPUTS)).isEqualTo(CacheKey.of(TASK, INPUTS));
    assertThat(CacheKey.of(withVersion("2"), INPUTS)).isNotEqualTo(CacheKey.of(TASK, INPUTS));
    assertThatThrownBy(() -> CacheKey.of(withVersion(" "), INPUTS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("square");
  }

  @Test
  void ignoredInputsAreNoPartOfTheKey() {
    var metadata = TASK.getMetadata().toBuilder().addCacheIgnoreInputVars("2");
    var task = TASK.toBuilder().setMetadata(metadata).build();
    var other = Literals.of(Map.of("1", integer(1), "2", integer(99)));
    assertThat(CacheKey.of(task, other)).isEqualTo(CacheKey.of(task, INPUTS));
    assertThat(CacheKey.of(TASK, other)).isNotEqualTo(CacheKey.of(TASK, INPUTS));
  }

  @Test
  void aHashStandsForItsValueHoweverDeepItLies() {
    var one = list(map(Map.of("k", hashed(text("s3://one"), "h"))));
    var two = list(map(Map.of("k", hashed(text("s3://two"), "h"))));
    var three = list(map(Map.of("k", hashed(text("s3://two"), "other"))));
    assertThat(tag(one)).isEqualTo(tag(two)).isNotEqualTo(tag(three));
    assertThat(tag(hashed(one, "whole"))).isEqualTo(tag(hashed(three, "whole")));
  }

  @Test
  void eventsShowAKeyAsACatalogsDataSet() {
    var metadata = CacheKey.of(TASK, INPUTS).metadata();
    assertThat(metadata.getDatasetId().getName()).isEqualTo("flyte_task-square");
    assertThat(metadata.getDatasetId().getVersion()).isEqualTo("1.0.0-UxVtPm0k-GKw-c0Pw");
    assertThat(metadata.hasArtifactTag()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("decorations")
  void whatSaysNothingOfValuesIsNoPartOfTheSignature(
      String name, UnaryOperator<LiteralType> around) {
    var plain = variables(around.apply(INTEGER));
    var decorated =
        variables(
            around.apply(
                INTEGER.toBuilder()
                    .setMetadata(struct("title"))
                    .setAnnotation(TypeAnnotation.newBuilder().setAnnotations(struct("note")))
                    .build()));
    assertThat(Signature.of(decorated)).isEqualTo(Signature.of(plain));
  }

  static Stream<Arguments> decorations() {
    return Stream.of(
        around("alone", type -> type),
        around("list", type -> LiteralType.newBuilder().setCollectionType(type).build()),
        around("map", type -> LiteralType.newBuilder().setMapValueType(type).build()),
        around(
            "union",
            type ->
                LiteralType.newBuilder()
                    .setUnionType(UnionType.newBuilder().addVariants(type))
                    .build()),
        around(
            "column",
            type ->
                LiteralType.newBuilder()
                    .setStructuredDatasetType(
                        StructuredDatasetType.newBuilder()
                            .addColumns(DatasetColumn.newBuilder().setLiteralType(type)))
                    .build()),
        around(
            "field of a data class",
            type ->
                LiteralType.newBuilder()
                    .setSimple(SimpleType.STRUCT)
                    .setStructure(TypeStructure.newBuilder().putDataclassType("f", type))
                    .build()));
  }

  @Test
  void descriptionsAreNoPartOfTheSignatureAnAnnotationMayAskToBe() {
    var described = variable(INTEGER).toBuilder().setDescription("a number").build();
    assertThat(Signature.of(VariableMap.newBuilder().putVariables("x", described).build()))
        .isEqualTo(Signature.of(variables(INTEGER)));
    var annotation = TypeAnnotation.newBuilder().setAnnotations(struct("cache-key-metadata"));
    assertThat(Signature.of(variables(INTEGER.toBuilder().setAnnotation(annotation).build())))
        .isNotEqualTo(Signature.of(variables(INTEGER)));
  }

  @ParameterizedTest
  @CsvSource({
    // from the published test cases of objecthash
    "'[\"foo\"]', 268bc27d4974d9d576222e4cdbb8f7c6bd6791894098645a19eeca9c102d0964",
    "'{}', 18ac3e7343f016890c510e93f935261169d9e3f565436429830faf0934f4f8e4",
    "'{\"foo\":\"bar\"}', 7ef5237c3027d6c58100afadf37796b3d351025cf28038280147d42fdc53b960"
  })
  void theHashIsThePublishedOne(String json, String hash) throws Exception {
    var node = new ObjectMapper().readTree(json);
    assertThat(HexFormat.of().formatHex(ObjectHash.of(node))).isEqualTo(hash);
  }

  @ParameterizedTest
  @CsvSource({
    "0, +0:",
    "-0.0, +0:",
    "1, +0:1",
    "2, +1:1",
    "0.5, +-1:1",
    "-3, -2:011",
    "1.5, +1:011",
    "0.75, +0:011",
    "5e-324, +-1074:1"
  })
  void numbersAreHashedByTheirBinaryDigits(double value, String normalized) {
    assertThat(ObjectHash.normalized(value)).isEqualTo(normalized);
  }

  @Test
  void aNumberThatJsonDoesNotKnowHasNoHash() {
    assertThatThrownBy(() -> ObjectHash.normalized(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String tag(Literal literal) {
    return CacheKey.of(TASK, Literals.of(Map.of("x", literal))).tag();
  }

  private static Literal hashed(Literal literal, String hash) {
    return literal.toBuilder().setHash(hash).build();
  }

  private static TaskTemplate withVersion(String version) {
    var metadata = TASK.getMetadata().toBuilder().setDiscoveryVersion(version);
    return TASK.toBuilder().setMetadata(metadata).build();
  }

  private static Arguments around(String name, UnaryOperator<LiteralType> around) {
    return Arguments.of(name, around);
  }

  private static VariableMap variables(LiteralType type) {
    return VariableMap.newBuilder().putVariables("x", variable(type)).build();
  }

  private static Variable variable(LiteralType type) {
    return Variable.newBuilder().setType(type).build();
  }

  private static Struct struct(String key) {
    return Struct.newBuilder()
        .putFields(key, Value.newBuilder().setStringValue("value").build())
        .build();
  }
}
