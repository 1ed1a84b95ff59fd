package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FolderDataStoreTest {
  private static final ByteString BYTES = ByteString.copyFromUtf8("some bytes");

  @TempDir Path temporary;
  private FolderDataStore store;

  @BeforeEach
  void open() throws IOException {
    store = FolderDataStore.open(temporary.resolve("root"), List.of(), true);
  }

  @Test
  void writtenObjectsAreReadListedAndDeleted() throws IOException {
    var reference = store.base().child("a/b/outputs.pb");
    store.write(reference, BYTES);
    store.sync(reference);
    assertThat(store.read(reference, 100)).isEqualTo(BYTES);
    assertThat(store.size(reference)).hasValue(BYTES.size());
    assertThat(store.list(store.base())).containsExactly(reference);
    assertThat(store.list(store.base().child("a"))).containsExactly(reference);
    assertThat(store.localFile(reference, temporary)).hasToString(reference.uri());
    store.delete(store.base().child("a"));
    assertThat(store.size(reference)).isEmpty();
    assertThat(store.list(store.base())).isEmpty();
    store.delete(reference);
  }

  @Test
  void aFileUriIsTheSameAsThePlainPath() throws IOException {
    var reference = store.base().child("x");
    store.write(new DataReference("file://" + reference.uri()), BYTES);
    assertThat(store.read(reference, 100)).isEqualTo(BYTES);
    assertThat(store.list(new DataReference("file://" + store.base()))).containsExactly(reference);
  }

  @Test
  void aMissingObjectIsReportedAsSuch() throws IOException {
    var file = store.base().child("file");
    store.write(file, BYTES);
    for (var missing : List.of(store.base().child("x/y"), file.child("below"), store.base())) {
      assertThatThrownBy(() -> store.read(missing, 100)).isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> store.open(missing)).isInstanceOf(NoSuchFileException.class);
      assertThat(store.size(missing)).isEmpty();
    }
    assertThat(store.list(store.base().child("x"))).isEmpty();
    store.delete(file.child("below"));
    assertThat(store.size(file)).isPresent();
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

  @ParameterizedTest
  @ValueSource(
      strings = {"/etc/passwd", "ROOT/../elsewhere", "ROOT", "relative", "s3://bucket/x", "/", ""})
  void nothingIsWrittenOutsideTheRoot(String uri) {
    var reference = new DataReference(uri.replace("ROOT", store.base().uri()));
    assertThatThrownBy(() -> store.write(reference, BYTES))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> store.delete(reference)).isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void aLinkDoesNotLeadOutOfTheRoot() throws IOException {
    var elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
    var secret = Files.writeString(elsewhere.resolve("secret"), "secret");
    Files.createSymbolicLink(temporary.resolve("root/link"), elsewhere);
    Files.createSymbolicLink(temporary.resolve("root/file"), secret);
    assertThatThrownBy(() -> store.read(store.base().child("link/secret"), 100))
        .isInstanceOf(AccessDeniedException.class);
    assertThatThrownBy(() -> store.write(store.base().child("link/new"), BYTES))
        .isInstanceOf(AccessDeniedException.class);
    store.write(store.base().child("file"), BYTES);
    assertThat(secret).hasContent("secret");
    store.delete(store.base().child("link"));
    assertThat(secret).exists();
  }

  @Test
  void otherFoldersAreReadOnlyWhenSettingsSaySo() throws IOException {
    var data = Files.createDirectory(temporary.resolve("data"));
    var file = new DataReference(Files.writeString(data.resolve("x"), "x").toString());
    assertThatThrownBy(() -> store.read(file, 100)).isInstanceOf(AccessDeniedException.class);
    var open = FolderDataStore.open(temporary.resolve("root"), List.of(data), true);
    assertThat(open.read(file, 100)).isEqualTo(ByteString.copyFromUtf8("x"));
    assertThatThrownBy(() -> open.write(file, BYTES)).isInstanceOf(AccessDeniedException.class);
  }

  @ParameterizedTest
  @EnumSource(HostileFiles.class)
  void hostileObjectsAreRefusedAtOnce(HostileFiles hostile) throws IOException {
    var reference = store.base().child("outputs.pb");
    hostile.putAt(Path.of(reference.uri()));

    assertThatThrownBy(() -> store.read(reference, 1000)).isInstanceOf(IOException.class);
    if (hostile != HostileFiles.HUGE) {
      assertThatThrownBy(() -> store.open(reference)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> store.sync(reference)).isInstanceOf(IOException.class);
    }
    if (hostile == HostileFiles.PIPE || hostile == HostileFiles.SOCKET) {
      assertThat(store.size(reference)).isEmpty();
    }
  }

  @Test
  void aRootThatIsALinkIsNamedAsItWasGiven() throws IOException {
    var link = Files.createSymbolicLink(temporary.resolve("link"), temporary.resolve("root"));
    var linked = FolderDataStore.open(link, List.of(), true);
    var reference = linked.base().child("x");
    linked.write(reference, BYTES);
    assertThat(reference.uri()).startsWith(link.toString());
    assertThat(linked.list(linked.base())).containsExactly(reference);
  }

  @Test
  void aWriteThatFailsHalfWayKeepsTheOldObject() throws IOException {
    var reference = store.base().child("x");
    store.write(reference, BYTES);
    var broken = new SequenceInputStream(stream("half"), new BrokenStream());
    assertThatThrownBy(() -> store.write(reference, broken, 1000))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(reference.uri(), "torn off");
    assertThat(store.read(reference, 100)).isEqualTo(BYTES);
    assertThat(Files.list(temporary.resolve("root"))).hasSize(1);
  }

  @Test
  void aFullDiskIsReportedAndLeavesNothingHalfWritten() throws Exception {
    var disk = Files.createDirectory(temporary.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString()),
        "no right to mount a small disk: test skipped");
    try {
      var small = FolderDataStore.open(disk, List.of(), true);
      var reference = small.base().child("a/x");
      small.write(reference, BYTES);
      var big = ByteString.copyFrom(new byte[100_000]);
      assertThatThrownBy(() -> small.write(reference, big))
          .isInstanceOf(DataStore.NoSpaceException.class)
          .hasMessageContainingAll(reference.uri(), "No space left", "bytes left on the disk");
      assertThat(small.read(reference, 100)).isEqualTo(BYTES);
      assertThat(Files.list(disk.resolve("a"))).hasSize(1);
    } finally {
      run("umount", disk.toString());
    }
  }

  @Test
  void aReaderSeesOneWriteOrTheOtherNeverAMixture() throws Exception {
    var fast = FolderDataStore.open(temporary.resolve("fast"), List.of(), false);
    var reference = fast.base().child("x");
    fast.write(reference, page(0));
    var done = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var readers =
          List.of(
              threads.submit(() -> readUntil(done, fast, reference)),
              threads.submit(() -> readUntil(done, fast, reference)));
      for (var number = 1; number <= 300; number++) {
        fast.write(reference, page(number));
      }
      done.set(true);
      for (var reader : readers) {
        assertThat(reader.get()).isPositive();
      }
    }
  }

  private static int readUntil(AtomicBoolean done, DataStore store, DataReference reference)
      throws IOException {
    var count = 0;
    do {
      var bytes = store.read(reference, 100_000);
      assertThat(bytes).isEqualTo(page(bytes.byteAt(0)));
      count++;
    } while (!done.get());
    return count;
  }

  private static ByteString page(int number) {
    var bytes = new byte[50_000];
    java.util.Arrays.fill(bytes, (byte) number);
    return ByteString.copyFrom(bytes);
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static final class BrokenStream extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("torn off");
    }
  }
}
