package io.turboprop.plugin.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turboprop.data.FolderDataStore;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CodeArchivesTest {
  @TempDir Path folder;
  private static final Unpacking.Limits LIMITS = new Unpacking.Limits(100_000_000, 1000);

  private CodeArchives code;
  private FolderDataStore store;

  @BeforeEach
  void open() throws Exception {
    code = new CodeArchives(folder.resolve("code"), Clock.systemUTC(), LIMITS);
    store = FolderDataStore.open(folder.resolve("store"), List.of(), false);
  }

  @Test
  void anArchiveIsUnpackedOnceAndCopiedForEachAttempt() throws Exception {
    var archive = archive("fast1.tar.gz", Map.of("a.py", "a", "package/b.py", "b"));
    code.unpack(archive.toString(), folder.resolve("one"), store);
    code.unpack("file://" + archive, folder.resolve("two"), store);

    Files.writeString(folder.resolve("one/a.py"), "changed by its task");
    assertThat(folder.resolve("two/a.py")).hasContent("a");
    assertThat(folder.resolve("two/package/b.py")).hasContent("b");
    assertThat(trees()).hasSize(1);
  }

  @Test
  void attemptsThatUnpackTheSameArchiveAtTheSameTimeAllGetIt() throws Exception {
    for (int round = 0; round < 20; round++) {
      var archive = archive("fast" + round + ".tar.gz", Map.of("a.py", "round " + round));
      var attempts = new ArrayList<Future<Path>>();
      var begin = new CyclicBarrier(8);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int attempt = 0; attempt < begin.getParties(); attempt++) {
          var destination = folder.resolve("attempt-" + round + "-" + attempt);
          attempts.add(
              threads.submit(() -> {
                begin.await();
                code.unpack(archive.toString(), destination, store);
                return destination.resolve("a.py");
              }));
        }
      }
      for (var attempt : attempts) {
        assertThat(attempt.get()).hasContent("round " + round);
      }
      assertThat(trees()).hasSize(round + 1);
    }
  }

  @Test
  void aReplacedArchiveIsUnpackedAgain() throws Exception {
    var archive = archive("script_mode.tar.gz", Map.of("a.py", "old"));
    code.unpack(archive.toString(), folder.resolve("one"), store);
    archive("script_mode.tar.gz", Map.of("a.py", "newer"));
    code.unpack(archive.toString(), folder.resolve("two"), store);

    assertThat(folder.resolve("two/a.py")).hasContent("newer");
  }

  @Test
  void aChangeOfABigFileByATaskDoesNotReachTheNextTask() throws Exception {
    var archive = archive("fast1.tar.gz", Map.of("model", "x".repeat(300_000)));
    code.unpack(archive.toString(), folder.resolve("one"), store);
    Files.writeString(folder.resolve("one/model"), "changed", StandardOpenOption.APPEND);
    code.unpack(archive.toString(), folder.resolve("two"), store);

    assertThat(folder.resolve("two/model")).hasContent("x".repeat(300_000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../out.py", "a/../../out.py", "/tmp/out.py"})
  void anEntryThatLeadsOutMakesTheArchiveInvalid(String name) throws Exception {
    var archive = archive("fast1.tar.gz", Map.of(name, "evil"));

    assertThatThrownBy(() -> code.unpack(archive.toString(), folder.resolve("one"), store))
        .isInstanceOf(TaskSpecificationException.class)
        .hasMessageContaining("leads out");
    assertThat(folder.resolve("code/out.py")).doesNotExist();
    assertThat(trees()).isEmpty();
  }

  @Test
  void aLinkThatLeadsOutIsLeftOutAndALinkWithinIsKept() throws Exception {
    var files = Map.of("a.py", "a", "up", "->../../secret", "root", "->/etc", "b.py", "->a.py");
    code.unpack(archive("fast1.tar.gz", files).toString(), folder.resolve("one"), store);

    assertThat(folder.resolve("one/b.py")).isSymbolicLink().hasContent("a");
    assertThat(Files.exists(folder.resolve("one/up"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(Files.exists(folder.resolve("one/root"))).isFalse();
  }

  @Test
  void aNotebookIsCopiedAsItIs() throws Exception {
    var file = Files.writeString(store("pkl.gz"), "pickled");
    code.unpack(file.toString(), folder.resolve("one"), store);

    assertThat(folder.resolve("one/pkl.gz")).hasContent("pickled");
  }

  @Test
  void anotherKindOfArchiveIsAnErrorOfTheTask() {
    assertThatThrownBy(() -> code.unpack("/data/code.zip", folder.resolve("one"), store))
        .isInstanceOf(TaskSpecificationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fast1.tar.gz", "fast1.tar", "fast1.tgz"})
  void anArchiveIsTakenForWhatItIsWhateverItsName(String name) throws Exception {
    var archive = TestingArchives.tar(store(name), Map.of("a.py", "a"));
    code.unpack(archive.toString(), folder.resolve("one"), store);
    assertThat(folder.resolve("one/a.py")).hasContent("a");

    archive(name, Map.of("a.py", "compressed"));
    code.unpack(archive.toString(), folder.resolve("two"), store);
    assertThat(folder.resolve("two/a.py")).hasContent("compressed");
  }

  @Test
  void anArchiveThatIsNotThereIsAnErrorOfTheTask() {
    for (var uri : List.of(store.base().child("fast1.tar.gz").uri(), "s3://elsewhere/a.tar.gz")) {
      assertThatThrownBy(() -> code.unpack(uri, folder.resolve("one"), store))
          .isInstanceOf(TaskSpecificationException.class)
          .hasMessageContaining(uri);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"not an archive", "", "\u001f"})
  void whatIsNoArchiveIsAnErrorOfTheTask(String text) throws Exception {
    var archive = Files.writeString(store("broken.tar.gz"), text);

    assertRefused(archive, "broken.tar.gz");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 100, 300, 600, 700})
  void anArchiveThatEndsTooEarlyIsAnErrorOfTheTask(int sizeBytes) throws Exception {
    var random = new byte[2000];
    new Random(1).nextBytes(random);
    var text = new String(random, StandardCharsets.ISO_8859_1);
    var archive = archive("fast1.tar.gz", Map.of("a.py", text));
    Files.write(archive, Arrays.copyOf(Files.readAllBytes(archive), sizeBytes));

    assertRefused(archive, "fast1.tar.gz");
  }

  @Test
  void aLinkOutOfTheStoreIsAnErrorOfTheTask() throws Exception {
    var link = Files.createSymbolicLink(store("fast1.tar.gz"), Path.of("/dev/zero"));

    assertRefused(link, "fast1.tar.gz");
  }

  /** An archive of 6 GB of zeros, which is unpacked only up to the bound. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anArchiveThatHoldsMuchMoreThanItSeemsIsRefused(boolean asOneFile) throws Exception {
    var archive = TestingArchives.zeros(store("zeros.tar.gz"), 6_000_000_000L, asOneFile);

    assertRefused(archive, "more than");
    assertThat(trees()).isEmpty();
  }

  @Test
  void anArchiveWithTooManyEntriesIsRefused() throws Exception {
    var files = new HashMap<String, String>();
    for (var number = 0; number <= LIMITS.entriesMax(); number++) {
      files.put("f" + number, "");
    }

    assertRefused(archive("many.tar.gz", files), "code-entries-max");
  }

  @Test
  void anArchiveThatIsTooLargeIsRefused() throws Exception {
    var small =
        new CodeArchives(folder.resolve("code"), Clock.systemUTC(), new Unpacking.Limits(3000, 9));
    var archive = archive("large.tar.gz", Map.of("a", "x".repeat(2000), "b", "y".repeat(2000)));

    assertThatThrownBy(() -> small.unpack(archive.toString(), folder.resolve("one"), store))
        .isInstanceOf(TaskSpecificationException.class)
        .hasMessageContaining("code-size-max");
  }

  @Test
  void aNameThatNoFileCanHaveIsRefused() throws Exception {
    assertRefused(archive("a.tar.gz", Map.of("x".repeat(256), "")), "256 bytes");
    assertRefused(archive("b.tar.gz", Map.of("x/".repeat(1500), "")), "bytes");
    assertRefused(TestingArchives.longName(store("c.tar.gz"), 4), "header");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a a/b", "a a/b/c", "a/b a", "a a/"})
  void anArchiveThatMakesAPathAFileAndAFolderIsRefused(String entries) throws Exception {
    var files = new LinkedHashMap<String, String>();
    for (var name : entries.split(" ")) {
      files.put(name, name.endsWith("/") ? "" : "text");
    }
    assertRefused(archive("a.tar.gz", files), "the same path a file and a folder");
  }

  private void assertRefused(Path archive, String reason) {
    assertThatThrownBy(() -> code.unpack(archive.toString(), folder.resolve("one"), store))
        .isInstanceOf(TaskSpecificationException.class)
        .hasMessageContaining(archive.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void unusedCodeIsDeleted() throws Exception {
    var archive = archive("fast1.tar.gz", Map.of("a.py", "a"));
    code.unpack(archive.toString(), folder.resolve("one"), store);
    code.forgetUnused(Duration.ofDays(1));
    assertThat(trees()).hasSize(1);

    var later = Clock.fixed(Instant.now().plus(Duration.ofDays(2)), ZoneOffset.UTC);
    new CodeArchives(folder.resolve("code"), later, LIMITS).forgetUnused(Duration.ofDays(1));
    assertThat(trees()).isEmpty();
  }

  private List<Path> trees() throws Exception {
    try (var trees = Files.list(folder.resolve("code/trees"))) {
      return trees.toList();
    }
  }

  private Path store(String name) throws Exception {
    return Files.createDirectories(folder.resolve("store/code")).resolve(name);
  }

  private Path archive(String name, Map<String, String> files) throws Exception {
    var archive = TestingArchives.tarGz(store(name), files);
    Files.setLastModifiedTime(archive, FileTime.fromMillis(files.hashCode() & 0xffffffL));
    return archive;
  }
}
