package io.turboprop.data.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.FolderDataStore;
import io.turboprop.data.Md5;
import io.turboprop.data.MemoryDataStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What every blob store does, whatever it keeps its objects in. */
class DataStoreContractTest {

  @Nested
  class Folder extends Contract {
    @Override
    DataStore open(Path temporary) throws IOException {
      return FolderDataStore.open(temporary.resolve("root"), List.of(), true);
    }
  }

  @Nested
  class Memory extends Contract {
    @Override
    DataStore open(Path temporary) {
      return new MemoryDataStore();
    }
  }

  @Nested
  @TestInstance(Lifecycle.PER_CLASS)
  class S3InThisProcess extends Contract {
    private TestingS3 s3;

    @BeforeAll
    void start() {
      s3 = TestingS3.inProcess();
    }

    @AfterAll
    void stop() throws Exception {
      s3.close();
    }

    /** The lists of this server are cut off when a name is not ASCII. */
    @Override
    List<String> names() {
      return ascii(super.names());
    }

    @Override
    DataStore open(Path temporary) throws IOException {
      return s3.open("contract/" + UUID.randomUUID());
    }
  }

  /** What reaches Google and Azure, over the one service that is here in tests. */
  @Nested
  @TestInstance(Lifecycle.PER_CLASS)
  class OpenDal extends Contract {
    private TestingS3 s3;

    @BeforeAll
    void start() {
      s3 = TestingS3.ofEnvironment().orElseGet(TestingS3::inProcess);
    }

    @AfterAll
    void stop() throws Exception {
      s3.close();
    }

    /** The lists of the server in this process are cut off when a name is not ASCII. */
    @Override
    List<String> names() {
      return ascii(super.names());
    }

    @Override
    DataStore open(Path temporary) {
      return s3.openByOpenDal("contract/" + UUID.randomUUID());
    }
  }

  private static List<String> ascii(List<String> names) {
    return names.stream().filter(StandardCharsets.US_ASCII.newEncoder()::canEncode).toList();
  }

  @Nested
  class S3OfTheEnvironment extends Contract {
    @Override
    DataStore open(Path temporary) throws IOException {
      var s3 = TestingS3.ofEnvironment();
      assumeTrue(s3.isPresent(), "AWS_ENDPOINT_URL names no S3 server: test skipped");
      return s3.get().open("contract/" + UUID.randomUUID());
    }
  }

  abstract static class Contract {
    private static final ByteString BYTES = ByteString.copyFromUtf8("some bytes");

    @TempDir Path temporary;
    private DataStore store;

    abstract DataStore open(Path temporary) throws IOException;

    List<String> names() {
      return List.of("with space", "a=b+c&d", "ü/日本", "100%25", "a#b?c", "x:y");
    }

    @BeforeEach
    void open() throws IOException {
      store = open(temporary);
    }

    @Test
    void writtenObjectsAreReadListedAndDeleted() throws IOException {
      var reference = store.base().child("a/b/outputs.pb");
      var beside = store.base().child("ab");
      store.write(reference, BYTES);
      store.sync(reference);
      store.write(beside, stream("beside"), 100);
      assertThat(store.read(reference, 100)).isEqualTo(BYTES);
      assertThat(store.size(reference)).hasValue(BYTES.size());
      assertThat(store.md5(reference)).contains(Md5.hex(BYTES.newInput()));
      assertThat(store.list(store.base())).containsExactly(reference, beside);
      assertThat(store.list(store.base().child("a"))).containsExactly(reference);
      assertThat(store.list(store.base().child("a/b/"))).containsExactly(reference);
      store.delete(store.base().child("a"));
      assertThat(store.size(reference)).isEmpty();
      assertThat(store.list(store.base())).containsExactly(beside);
      store.delete(reference);
    }

    @Test
    void anObjectIsReplaced() throws IOException {
      var reference = store.base().child("x");
      store.write(reference, BYTES);
      store.write(reference, stream("other"), 100);
      assertThat(store.read(reference, 100)).isEqualTo(ByteString.copyFromUtf8("other"));
      store.write(reference, ByteString.EMPTY);
      assertThat(store.read(reference, 100)).isEmpty();
    }

    @Test
    void namesAreKeptAsTheyAre() throws IOException {
      for (var name : names()) {
        var reference = store.base().child("names/" + name);
        store.write(reference, ByteString.copyFromUtf8(name));
        assertThat(store.read(reference, 100).toStringUtf8()).isEqualTo(name);
        assertThat(store.list(store.base().child("names"))).containsExactly(reference);
        store.delete(reference);
        assertThat(store.size(reference)).isEmpty();
      }
    }

    @Test
    void aMissingObjectIsReportedAsSuch() throws IOException {
      var missing = store.base().child("x/y");
      assertThatThrownBy(() -> store.read(missing, 100)).isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> store.open(missing)).isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> store.localFile(missing, temporary))
          .isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> store.copy(missing, store.base().child("z")))
          .isInstanceOf(NoSuchFileException.class);
      assertThat(store.size(missing)).isEmpty();
      assertThat(store.md5(missing)).isEmpty();
      assertThat(store.list(missing)).isEmpty();
      store.delete(missing);
    }

    @Test
    void anObjectThatIsTooLargeIsNeitherReadNorWritten() throws IOException {
      var reference = store.base().child("x");
      store.write(reference, BYTES);
      assertThatThrownBy(() -> store.read(reference, 3))
          .isInstanceOf(DataStore.DataTooLargeException.class)
          .hasMessageContaining("10 bytes; the limit is 3");
      assertThatThrownBy(() -> store.write(reference, stream("longer than allowed"), 5))
          .isInstanceOf(DataStore.DataTooLargeException.class);
      assertThat(store.read(reference, 100)).isEqualTo(BYTES);
      assertThat(store.list(store.base())).containsExactly(reference);
    }

    @Test
    void aLargeObjectIsStreamedAndCopied() throws IOException {
      var bytes = new byte[2 * TestingS3.PART_BYTES + 17];
      new Random(1).nextBytes(bytes);
      var reference = store.base().child("large");
      var copy = store.base().child("copies/large");
      store.write(reference, new ByteArrayInputStream(bytes), Long.MAX_VALUE);
      store.copy(reference, copy);
      assertThat(store.size(copy)).hasValue(bytes.length);
      try (var read = store.open(copy)) {
        assertThat(Md5.hex(read)).isEqualTo(Md5.hex(new ByteArrayInputStream(bytes)));
      }
      assertThat(store.md5(copy)).contains(Md5.hex(new ByteArrayInputStream(bytes)));
      assertThat(store.localFile(copy, temporary)).hasBinaryContent(bytes);
      try (var begun = store.open(copy)) {
        assertThat(begun.read()).isEqualTo(bytes[0] & 0xFF);
      }
    }

    @Test
    void aWriteThatFailsHalfWayKeepsTheOldObject() throws IOException {
      var reference = store.base().child("x");
      store.write(reference, BYTES);
      var half = new ByteArrayInputStream(new byte[TestingS3.PART_BYTES + 1]);
      var broken = new SequenceInputStream(half, new BrokenStream());
      assertThatThrownBy(() -> store.write(reference, broken, Long.MAX_VALUE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("torn off");
      assertThat(store.read(reference, 100)).isEqualTo(BYTES);
      assertThat(store.list(store.base())).containsExactly(reference);
    }

    @Test
    void otherPlacesAreNeitherReadNorWritten() {
      var elsewhere = new DataReference("s3://elsewhere/x");
      assertThatThrownBy(() -> store.read(elsewhere, 100))
          .isInstanceOf(AccessDeniedException.class);
      assertThatThrownBy(() -> store.write(elsewhere, BYTES))
          .isInstanceOf(AccessDeniedException.class);
      assertThatThrownBy(() -> store.delete(elsewhere)).isInstanceOf(AccessDeniedException.class);
    }

    private static InputStream stream(String text) {
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final class BrokenStream extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("torn off");
    }
  }
}
