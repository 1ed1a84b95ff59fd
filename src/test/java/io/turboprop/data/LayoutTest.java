package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LayoutTest {
  private static final ExecutionId ID = new ExecutionId("flytesnacks", "development", "f1");
  private static final Layout LAYOUT = Layout.of(new DataReference("/base/"));
  private static final String HOME = "/base/metadata/flytesnacks-development-f1";

  @Test
  void aNodeOfTheExecutionsOwnGraphHasADataDirectory() {
    var files = LAYOUT.node(ID, NodePath.root("n0"), 1);
    assertThat(files.inputs()).hasToString(HOME + "/n0/data/inputs.pb");
    assertThat(files.taskTemplate()).hasToString(HOME + "/n0/data/task.pb");
    assertThat(files.outputPrefix()).hasToString(HOME + "/n0/data/1");
    assertThat(files.outputs()).hasToString(HOME + "/n0/data/1/outputs.pb");
    assertThat(files.error()).hasToString(HOME + "/n0/data/1/error.pb");
    assertThat(files.futures()).hasToString(HOME + "/n0/data/1/futures.pb");
    assertThat(files.dynamicClosure()).hasToString(HOME + "/n0/data/1/dynamic_compiled.pb");
    assertThat(files.deck()).hasToString(HOME + "/n0/data/1/deck.html");
    assertThat(files.offloaded("o0")).hasToString(HOME + "/n0/data/1/o0_offloaded_metadata.pb");
  }

  @Test
  void aNestedNodeLiesInItsParentsAttempt() {
    var path = NodePath.root("n0").child(1, "n2").child(0, "n3");
    var files = LAYOUT.node(ID, path, 4);
    assertThat(files.inputs()).hasToString(HOME + "/n0/data/1/n2/0/n3/inputs.pb");
    assertThat(files.outputs()).hasToString(HOME + "/n0/data/1/n2/0/n3/4/outputs.pb");
  }

  @Test
  void anElementOfAnArrayHasInputsAndOutputsOfItsOwn() {
    var files = LAYOUT.node(ID, NodePath.root("n0"), 0).element(7, 2);
    assertThat(files.dataDirectory()).hasToString(HOME + "/n0/data/7/2");
    assertThat(files.outputPrefix()).hasToString(HOME + "/n0/data/0/7/2");
  }

  @Test
  void rawOutputsLieBelowTheirShard() {
    assertThat(LAYOUT.rawOutput("f1234-n0-0")).hasToString("/base/raw/w5/f1234-n0-0");
    assertThat(LAYOUT.checkpoints("f1234-n0-0"))
        .hasToString("/base/raw/w5/f1234-n0-0/_flytecheckpoints");
  }

  @Test
  void anExecutionMayHaveItsOwnPrefixForRawOutputs() {
    var layout = LAYOUT.withRawOutputs(new DataReference("s3://bucket/mine/"));
    assertThat(layout.rawOutput("f1234-n0-0")).hasToString("s3://bucket/mine/w5/f1234-n0-0");
    assertThat(layout.execution(ID)).hasToString(HOME);
  }
}
