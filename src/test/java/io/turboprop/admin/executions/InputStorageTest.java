package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.FolderDataStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputStorageTest {
  private static final ExecutionId ID = new ExecutionId("p", "d", "x");

  @TempDir private Path folder;

  /** The retention deletes an old execution of the same name meanwhile. */
  @Test
  void inputsThatWereDeletedBeforeTheAcceptanceAreStoredAgain() throws IOException {
    var storage = new BlobStorage(FolderDataStore.open(folder, List.of(), false), 1 << 20);
    var inputs = new InputStorage(storage, 10);
    var large =
        LiteralMap.newBuilder()
            .putLiterals("x", Literal.newBuilder().setHash("x".repeat(100)).build())
            .build();
    var stored = inputs.write(ID, large);

    inputs.restore(stored, large);
    assertThat(inputs.read(stored)).isEqualTo(large);

    storage.store().delete(storage.layout().execution(ID));
    inputs.restore(stored, large);
    assertThat(inputs.read(stored)).isEqualTo(large);
  }
}
