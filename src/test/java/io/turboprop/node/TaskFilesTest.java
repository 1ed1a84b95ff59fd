package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.DataReference;
import io.turboprop.data.Layout;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.plan.Element;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import org.junit.jupiter.api.Test;

class TaskFilesTest {
  private static final Layout LAYOUT = Layout.of(new DataReference("/base"));
  private static final String NODE = "/base/metadata/p-d-e/n0/data";

  @Test
  void aTaskHasItsFilesToItself() {
    var files =
        TaskFiles.of(LAYOUT, TestingAssignments.of(new Work.RunNode(NodePath.root("n0"), 1)));
    assertThat(files.inputs().uri()).isEqualTo(NODE + "/inputs.pb");
    assertThat(files.outputPrefix().uri()).isEqualTo(NODE + "/1");
    assertThat(files.own().outputs().uri()).isEqualTo(NODE + "/1/outputs.pb");
  }

  @Test
  void anElementReadsTheInputsOfTheArrayAndHasAFolderForEachAttempt() {
    var files = element(Encoding.ARRAY_NODE, 1);
    assertThat(files.inputs().uri()).isEqualTo(NODE + "/inputs.pb");
    assertThat(files.outputPrefix().uri()).isEqualTo(NODE + "/0/7/1");
    assertThat(files.own().outputs().uri()).isEqualTo(NODE + "/0/7/1/outputs.pb");
  }

  @Test
  void anElementThatKnowsNothingOfListsReadsInputsOfItsOwn() {
    assertThat(element(Encoding.ARRAY_NODE_OF_PLAIN_TASK, 1).inputs().uri())
        .isEqualTo(NODE + "/7/1/inputs.pb");
  }

  @Test
  void anElementOfTheFirstGenerationAppendsItsNumberItself() {
    var files = element(Encoding.CONTAINER_ARRAY, 0);
    assertThat(files.inputs().uri()).isEqualTo(NODE + "/inputs.pb");
    assertThat(files.outputPrefix().uri()).isEqualTo(NODE + "/0");
    assertThat(files.own().outputs().uri()).isEqualTo(NODE + "/0/7/outputs.pb");
  }

  @Test
  void anErrorOfTheFirstGenerationIsNotFoundAgainByTheNextAttempt() {
    assertThat(element(Encoding.CONTAINER_ARRAY, 1).own().error())
        .isNotEqualTo(element(Encoding.CONTAINER_ARRAY, 0).own().error());
  }

  private static TaskFiles element(Encoding encoding, int attempt) {
    var element = new Element(7, TestingArrays.array(encoding), Values.NONE);
    return TaskFiles.of(LAYOUT, TestingArrays.assignment(element, attempt));
  }
}
