package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.data.Fnv1a.Width;
import java.math.BigInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class NamingTest {

  @ParameterizedTest
  @MethodSource("fixedLengths")
  void aNameOfFixedLengthIsAsFlyteMakesIt(
      int lengthMax, Width width, String parts, String expected) {
    assertThat(Naming.fixedLength(lengthMax, width, parts.split(",", -1))).isEqualTo(expected);
  }

  static Stream<Arguments> fixedLengths() {
    var many = "x,y,z,m,n,y,z,m,n,y,z,m,n";
    var pretty = "first-name-is-pretty-large,hello-world,1";
    return Stream.of(
        Arguments.of(15, Width.BITS_32, many, "fe63sz6y"),
        Arguments.of(15, Width.BITS_64, many, "fwp4bky2kucex5"),
        Arguments.of(20, Width.BITS_32, "u1111111111323131231asdadasd,2,n1", "fraibbty"),
        Arguments.of(20, Width.BITS_32, "u1,2,n1", "u1-2-n1"),
        Arguments.of(20, Width.BITS_32, pretty, "fav2uxxi"),
        Arguments.of(20, Width.BITS_64, pretty, "fn1unxl53avgd1"),
        Arguments.of(20, Width.BITS_32, ",,n0", "n0"),
        Arguments.of(20, Width.BITS_32, "a,,n0", "a--n0"),
        Arguments.of(25, Width.BITS_32, many, "x-y-z-m-n-y-z-m-n-y-z-m-n"));
  }

  @Test
  void aHashOf128BitsHas27Characters() {
    assertThat(Naming.fixedLength(30, Width.BITS_128, "x".repeat(31))).hasSize(27).startsWith("f");
  }

  @Test
  void aHashThatIsTooLongItselfIsRefused() {
    assertThatThrownBy(() -> Naming.fixedLength(7, Width.BITS_32, "12345678"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("12345678");
  }

  @ParameterizedTest
  @CsvSource({
    "n0, n0",
    "a-node-name-of-20-ch, a-node-name-of-20-ch",
    "n0/0/n1, n0-0-n1",
    "n0/1/n2/0/n3, n0-1-n2-0-n3",
    "u1/2/n1, u1-2-n1"
  })
  void aNodeIsNamedAfterAllNodesAroundIt(String path, String expected) {
    assertThat(Naming.uniqueNodeId(new NodePath(path))).isEqualTo(expected);
  }

  @Test
  void aLongUniqueNodeIdIsHashedAndItsChildrenAreNamedAfterTheHash() {
    var parent = new NodePath("a-node-with-a-very-long-name");
    var hashed = Naming.uniqueNodeId(parent);
    assertThat(hashed).hasSize(8).startsWith("f");
    assertThat(Naming.uniqueNodeId(parent.child(1, "n0"))).isEqualTo(hashed + "-1-n0");
  }

  @Test
  void aRetryOfTheParentGivesItsChildrenOtherNames() {
    var parent = NodePath.root("n0");
    assertThat(Naming.uniqueNodeId(parent.child(0, "n1")))
        .isNotEqualTo(Naming.uniqueNodeId(parent.child(1, "n1")));
  }

  @Test
  void resourcesOfATaskAreNamedByExecutionNodeAndAttempt() {
    assertThat(Naming.generatedName("f1234", "n0", 0)).isEqualTo("f1234-n0-0");
    assertThat(Naming.generatedName("f".repeat(40), "a-node-of-20-letters", 3)).hasSize(8);
    assertThat(Naming.elementName("f1234-n0-0", 7, 2)).isEqualTo("f1234-n0-0-n7-2");
  }

  @Test
  void anElementOfAnArrayIsNamedLikeAnyNestedNode() {
    var element = Naming.uniqueNodeId(NodePath.root("n0").child(0, "n7"));
    assertThat(Naming.generatedName("f1234", element, 2))
        .isEqualTo(Naming.elementName("f1234-n0-0", 7, 2));
  }

  @Test
  void elementsOfALargeArrayGetLongerHashesSinceThereAreSoMany() {
    var array = NodePath.root("n0").child(0, "a-longer-name");
    assertThat(Naming.uniqueNodeId(array.child(0, "n12"))).hasSize(8);
    assertThat(Naming.uniqueNodeId(array.child(0, "n12345"))).hasSize(14);
    assertThat(Naming.uniqueNodeId(array.child(0, "n12345").child(0, "end-node"))).hasSize(14);
    assertThat(Naming.generatedElementName("f".repeat(40), "n0-0-n12345", 3)).hasSize(14);
    assertThat(Naming.generatedElementName("f1234", "n0-0-n12345", 3))
        .isEqualTo("f1234-n0-0-n12345-3");
  }

  @Test
  void childExecutionsAreHashedWith64Bits() {
    assertThat(Naming.childExecutionName("f1234", "n0", 0)).isEqualTo("f1234-n0-0");
    assertThat(Naming.childExecutionName("first-name-is-pretty-large", "hello-world", 1))
        .isEqualTo("fn1unxl53avgd1");
  }

  @Test
  void rawOutputsAreSpreadAsFlyteSpreadsThem() {
    assertThat(Naming.rawOutputShard("f1234-n0-0")).isEqualTo("w5");
  }

  @Test
  void theHashesEqualThePublishedValues() {
    assertThat(Fnv1a.hash32("")).isEqualTo(0x811c9dc5);
    assertThat(Fnv1a.hash32("foobar")).isEqualTo(0xbf9cf968);
    assertThat(Fnv1a.hash64("foobar")).isEqualTo(0x85944171f73967e8L);
    assertThat(Fnv1a.hash128("foobar"))
        .isEqualTo(new BigInteger("343e1662793c64bf6f0d3597ba446f18", 16));
  }

  @Test
  void theShardKeyOfAnExecutionIsAsFlyteComputesIt() {
    assertThat(Integer.remainderUnsigned(Fnv1a.hash32("name"), 32)).isEqualTo(6);
  }
}
