package io.turboprop.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import flyteidl.admin.Common.RawOutputDataConfig;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.node.TaskPlugins;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TestingRecords;
import io.turboprop.plugin.local.LocalProcessProvider;
import io.turboprop.store.Retention.Attempt;
import io.turboprop.store.Retention.OldExecution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutionFilesTest {
  private static final ExecutionId OLD = new ExecutionId("p", "d", "old");
  private static final ExecutionId OTHER = new ExecutionId("p", "d", "older");
  private static final NodePath NODE = new NodePath("n0");
  private static final String NAME = Naming.generatedName("old", "n0", 0);
  private static final String ELEMENT = Naming.generatedElementName("old", "n1-0-n2", 1);

  @TempDir private Path folder;
  private final DataStore store = new MemoryDataStore();
  private final Layout layout = Layout.of(store.base());

  @Test
  void itsDirectoryAndItsLogsGoAndThoseOfOthersStay() throws IOException {
    write(layout.node(OLD, NODE, 0).outputs());
    write(layout.node(OTHER, NODE, 0).outputs());
    var log = log(OLD);
    var othersLog = log(OTHER);

    files(false).delete(old(ExecutionSpec.getDefaultInstance()));

    assertThat(store.list(store.base())).containsExactly(layout.node(OTHER, NODE, 0).outputs());
    assertThat(log).doesNotExist();
    assertThat(othersLog).exists();
  }

  @Test
  void checkpointsGoSoThatANewExecutionOfTheNameDoesNotGoOnFromThem() throws IOException {
    write(layout.checkpoints(NAME).child("c"));
    write(layout.checkpoints(ELEMENT).child("c"));
    write(layout.rawOutput(NAME).child("table"));

    files(false).delete(old(ExecutionSpec.getDefaultInstance()));

    assertThat(store.list(store.base())).containsExactly(layout.rawOutput(NAME).child("table"));
  }

  @Test
  void rawDataIsDeletedOnlyIfConfiguredAndOnlyInTheEnginesFolders() throws IOException {
    write(layout.rawOutput(NAME).child("table"));
    var own =
        ExecutionSpec.newBuilder()
            .setRawOutputDataConfig(
                RawOutputDataConfig.newBuilder().setOutputLocationPrefix("mem://turboprop/raw"))
            .build();

    files(true).delete(old(own));
    assertThat(store.list(store.base())).hasSize(1);

    files(true).delete(old(ExecutionSpec.getDefaultInstance()));
    assertThat(store.list(store.base())).isEmpty();
  }

  @Test
  void rawDataFoldersStayForAnExecutionOfTheSameNameInAnotherDomain() throws IOException {
    var shared = layout.checkpoints(NAME).child("c");
    write(shared);
    write(layout.node(OLD, NODE, 0).outputs());

    files(true).delete(old(ExecutionSpec.getDefaultInstance(), true, false));

    assertThat(store.list(store.base())).containsExactly(shared);
  }

  @Test
  void aFolderStaysForAnotherExecutionWithTheSameFolder() throws IOException {
    var shared = layout.node(OLD, NODE, 0).outputs();
    write(shared);
    write(layout.checkpoints(NAME).child("c"));

    files(true).delete(old(ExecutionSpec.getDefaultInstance(), false, true));

    assertThat(store.list(store.base())).containsExactly(shared);
  }

  @Test
  void twiceIsAsGoodAsOnce() throws IOException {
    write(layout.node(OLD, NODE, 0).outputs());
    files(true).delete(old(ExecutionSpec.getDefaultInstance()));
    files(true).delete(old(ExecutionSpec.getDefaultInstance()));
    assertThat(store.list(store.base())).isEmpty();
  }

  private ExecutionFiles files(boolean withRawData) {
    return new ExecutionFiles(
        new BlobStorage(store, Long.MAX_VALUE), TaskPlugins.of(local()), withRawData);
  }

  private TaskPlugin local() {
    return new LocalProcessProvider()
        .create(
            ConfigFactory.parseString("warm-workers = false")
                .withFallback(
                    ConfigFactory.defaultReference().getConfig("turboprop.plugins.local")),
            new TaskPluginEnvironment(
                store,
                Map.of(),
                folder,
                "http://127.0.0.1:1",
                new TestingRecords(),
                Clock.systemUTC(),
                new SimpleMeterRegistry()));
  }

  private static OldExecution old(ExecutionSpec spec) {
    return old(spec, false, false);
  }

  private static OldExecution old(ExecutionSpec spec, boolean sharesName, boolean sharesFolder) {
    return new OldExecution(
        OLD,
        spec.toByteString(),
        List.of(new Attempt(NODE, 0, false), new Attempt(new NodePath("n1/0/n2"), 1, true)),
        sharesName,
        sharesFolder);
  }

  private void write(DataReference reference) throws IOException {
    store.write(reference, ByteString.copyFromUtf8("x"));
  }

  private Path log(ExecutionId id) throws IOException {
    var file = folder.resolve("logs/p/d").resolve(id.name()).resolve("a/stdout.log");
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "x");
  }
}
