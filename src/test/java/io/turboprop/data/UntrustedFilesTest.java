package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class UntrustedFilesTest {
  private static final ByteString BYTES = ByteString.copyFromUtf8("0123456789");

  @TempDir Path temporary;
  private Path folder;
  private Path file;
  private UntrustedFiles files;

  @BeforeEach
  void open() throws IOException {
    folder = Files.createDirectory(temporary.resolve("folder"));
    file = Files.createDirectories(folder.resolve("a/b")).resolve("file");
    files = new UntrustedFiles(folder);
  }

  @Test
  void aFileIsReadToItsEndAndNotBeyondTheBound() throws IOException {
    Files.write(file, BYTES.toByteArray());

    assertThat(files.read(file, 10)).isEqualTo(BYTES);
    assertThat(files.tail(file, 3)).isEqualTo(ByteString.copyFromUtf8("789"));
    assertThat(files.tail(file, 100)).isEqualTo(BYTES);
    assertThatThrownBy(() -> files.read(file, 9))
        .isInstanceOfSatisfying(
            DataStore.DataTooLargeException.class,
            e -> assertThat(e.sizeBytes()).isEqualTo(BYTES.size()));
  }

  @Test
  void aFileOfSomeMegabytesIsReadWhole() throws IOException {
    var bytes = new byte[3 * 1024 * 1024 + 1];
    bytes[bytes.length - 1] = 7;
    Files.write(file, bytes);

    assertThat(files.read(file, bytes.length)).isEqualTo(ByteString.copyFrom(bytes));
  }

  @Test
  void anEmptyFileIsEmpty() throws IOException {
    Files.createFile(file);

    assertThat(files.read(file, 0)).isEqualTo(ByteString.EMPTY);
    assertThat(files.tail(file, 10)).isEqualTo(ByteString.EMPTY);
  }

  /** Files of the kernel report a size of 0, but have content. */
  @Test
  void theBoundHoldsForAFileThatIsLargerThanItSays() {
    var kernel = new UntrustedFiles(Path.of("/proc/self"));
    var status = Path.of("/proc/self/status");

    assertThatThrownBy(() -> kernel.read(status, 20))
        .isInstanceOf(DataStore.DataTooLargeException.class);
  }

  @ParameterizedTest
  @EnumSource(HostileFiles.class)
  void hostileFilesAreRefusedAtOnce(HostileFiles hostile) throws IOException {
    hostile.putAt(file);

    var refusal =
        hostile == HostileFiles.HUGE
            ? DataStore.DataTooLargeException.class
            : NotRegularFileException.class;
    assertThatThrownBy(() -> files.read(file, 1024)).isInstanceOf(refusal);
    if (hostile != HostileFiles.HUGE) {
      assertThatThrownBy(() -> files.open(file)).isInstanceOf(refusal);
      assertThatThrownBy(() -> files.openForUpdate(file)).isInstanceOf(refusal);
      assertThatThrownBy(() -> files.tail(file, 100)).isInstanceOf(refusal);
    }
  }

  @Test
  void theEndOfAHugeFileIsReadWithoutTheRest() throws IOException {
    HostileFiles.HUGE.putAt(file);

    assertThat(files.tail(file, 100)).isEqualTo(ByteString.copyFrom(new byte[100]));
  }

  @Test
  void noLinkIsFollowedOnTheWay() throws IOException {
    var elsewhere = Files.createDirectories(temporary.resolve("elsewhere/b"));
    Files.writeString(elsewhere.resolve("file"), "secret");
    Files.delete(folder.resolve("a/b"));
    Files.createSymbolicLink(folder.resolve("a/b"), elsewhere);

    assertThatThrownBy(() -> files.read(file, 100)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void nothingOutsideOfTheFolderIsRead() throws IOException {
    Files.writeString(temporary.resolve("secret"), "secret");

    assertThatThrownBy(() -> files.read(folder.resolve("../secret"), 100))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> files.read(folder, 100)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void theFolderItselfMayBeReachedByALink() throws IOException {
    Files.write(file, BYTES.toByteArray());
    var link = Files.createSymbolicLink(temporary.resolve("link"), folder);

    assertThat(new UntrustedFiles(link).read(link.resolve("a/b/file"), 100)).isEqualTo(BYTES);
  }

  @Test
  void aFileOpenedForUpdateIsChanged() throws IOException {
    Files.write(file, BYTES.toByteArray());
    try (var channel = files.openForUpdate(file)) {
      channel.write(ByteBuffer.wrap("xx".getBytes(java.nio.charset.StandardCharsets.UTF_8)), 0);
    }

    assertThat(file).hasContent("xx23456789");
  }

  @Test
  void manyPipesDoNotDelayOtherReads() throws Exception {
    var pipe = folder.resolve("pipe");
    HostileFiles.PIPE.putAt(pipe);
    Files.write(file, BYTES.toByteArray());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var reads = new ArrayList<Future<ByteString>>();
      for (var number = 0; number < 200; number++) {
        reads.add(threads.submit(() -> files.read(pipe, 100)));
      }
      assertThat(threads.submit(() -> files.read(file, 100)).get(60, TimeUnit.SECONDS))
          .isEqualTo(BYTES);
      for (var read : reads) {
        assertThatThrownBy(() -> read.get(60, TimeUnit.SECONDS))
            .hasCauseInstanceOf(NotRegularFileException.class);
      }
    }
  }

  @Test
  void aFileThatIsReplacedAllTheTimeIsEitherReadOrRefused() throws Exception {
    var good = Files.write(folder.resolve("good"), BYTES.toByteArray());
    var pipe = folder.resolve("pipe");
    HostileFiles.PIPE.putAt(pipe);
    var done = new AtomicBoolean();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var swapping =
          threads.submit(() -> {
            while (!done.get()) {
              replaceBy(pipe);
              replaceBy(good);
            }
            return null;
          });
      var read = 0;
      for (var number = 0; number < 2000; number++) {
        try {
          assertThat(files.read(file, 100)).isEqualTo(BYTES);
          read++;
        } catch (NotRegularFileException | NoSuchFileException _) {
          // In this round the path was the pipe.
        }
      }
      done.set(true);
      swapping.get(60, TimeUnit.SECONDS);
      assertThat(read).isPositive();
    }
  }

  private void replaceBy(Path other) throws IOException {
    var link = folder.resolve("next");
    Files.deleteIfExists(link);
    Files.createLink(link, other);
    Files.move(link, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(link);
  }
}
