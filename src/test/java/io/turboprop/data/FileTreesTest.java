package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the engine in folders of a task that replaces them by links at the same time. */
@Timeout(180)
class FileTreesTest {
  private static final int ROUNDS = 150;
  private static final int FILES = 500;
  private static final int DEEPER_THAN_A_PATH_CAN_SAY = 2_200;

  @TempDir Path temporary;
  private Path root;
  private Path elsewhere;
  private Path secret;

  @BeforeEach
  void makeFolders() throws IOException {
    root = Files.createDirectory(temporary.resolve("root"));
    elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
    secret = Files.writeString(elsewhere.resolve("secret"), "secret");
  }

  @Test
  void aLinkThatReplacesAFolderLeadsNoDeletionElsewhere() throws Exception {
    var inner = fill(root.resolve("work/inner"));
    fill(elsewhere);
    var swapping =
        swapWhen(inner, () -> Files.notExists(inner.resolve("0")) || Files.notExists(last(inner)));

    try {
      FileTrees.delete(root.resolve("work"));
    } catch (IOException _) {
      // The link may be left.
    }

    swapping.join();
    for (var file = 0; file < FILES; file++) {
      assertThat(elsewhere.resolve(Integer.toString(file))).exists();
    }
  }

  @Test
  void aLinkThatReplacesAFolderLeadsNoWriteElsewhere() throws Exception {
    var store = FolderDataStore.open(root, List.of(), false);
    var target = store.base().child("work/inner/outputs.pb");
    try (var _ = new Swapping(root.resolve("work/inner"), elsewhere)) {
      for (var round = 0; round < ROUNDS; round++) {
        try {
          store.write(target, ByteString.copyFromUtf8("x"));
        } catch (IOException _) {
          // The link was in the way.
        }
        assertThat(elsewhere.resolve("outputs.pb")).doesNotExist();
      }
    }
  }

  @Test
  void aLinkThatReplacesAFolderGivesNothingElsewhereAway() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root: test skipped");
    var nobody = user("nobody");
    var inner = fill(root.resolve("work/inner"));
    fill(elsewhere);
    var swapping =
        swapWhen(
            inner,
            () ->
                Files.getOwner(inner.resolve("0")).equals(nobody)
                    || Files.getOwner(last(inner)).equals(nobody));

    FileTrees.setOwnerOfAll(root, root.resolve("work"), nobody);

    swapping.join();
    for (var file = 0; file < FILES; file++) {
      assertThat(Files.getOwner(elsewhere.resolve(Integer.toString(file)))).isNotEqualTo(nobody);
    }
  }

  @Test
  void aUserGetsFoldersFilesAndLinksButNoFileWithASecondName() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "not root: test skipped");
    var nobody = user("nobody");
    var inner = Files.createDirectory(root.resolve("inner"));
    var file = Files.createFile(inner.resolve("file"));
    var link = Files.createSymbolicLink(inner.resolve("link"), secret);
    Files.createLink(inner.resolve("second name"), secret);

    FileTrees.setOwnerOfAll(temporary, root, nobody);

    for (var given : List.of(root, inner, file, link)) {
      assertThat(Files.getOwner(given, LinkOption.NOFOLLOW_LINKS)).isEqualTo(nobody);
    }
    assertThat(Files.getOwner(secret)).isNotEqualTo(nobody);
  }

  @Test
  void aPipeInTheWayIsDeletedAndNeverOpened() throws IOException {
    Files.createDirectory(root.resolve("inner"));
    HostileFiles.PIPE.putAt(root.resolve("pipe"));
    HostileFiles.PIPE.putAt(root.resolve("inner/pipe"));

    assertThat(FileTrees.files(root, root.resolve("pipe"))).isEmpty();
    assertThat(FileTrees.entries(root, root.resolve("pipe"))).isEmpty();
    assertThat(FileTrees.files(root, root)).hasSize(2);
    FileTrees.delete(root);
    assertThat(root).doesNotExist();
  }

  @Test
  void foldersNestedDeeperThanAPathCanSayAreDeleted() throws IOException {
    var names = "x/".repeat(20);
    var inner = Files.createDirectories(root.resolve("work/" + names));
    // A longer path has no name, so each part is made at the top and moved into the one before.
    for (var depth = 20; depth < DEEPER_THAN_A_PATH_CAN_SAY; depth += 20) {
      var above = Files.createDirectories(root.resolve("above/" + names));
      Files.move(root.resolve("work"), above.resolve("work"));
      Files.move(root.resolve("above"), root.resolve("work"));
    }
    assertThat(inner).exists();

    assertThatCode(() -> FileTrees.delete(root)).doesNotThrowAnyException();
    assertThat(root).doesNotExist();
  }

  private static UserPrincipal user(String name) throws IOException {
    return Path.of("/").getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(name);
  }

  private static Path fill(Path folder) throws IOException {
    Files.createDirectories(folder);
    for (var file = 0; file < FILES; file++) {
      Files.createFile(folder.resolve(Integer.toString(file)));
    }
    return folder;
  }

  private static Path last(Path folder) {
    return folder.resolve(Integer.toString(FILES - 1));
  }

  /** A task that replaces a folder by a link while the engine is in the midst of it. */
  private Thread swapWhen(Path folder, Callable<Boolean> begun) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            while (!begun.call()) {
              Thread.onSpinWait();
            }
            Files.move(folder, temporary.resolve("kept"));
            Files.createSymbolicLink(folder, elsewhere);
          } catch (Exception _) {
            // The engine was faster.
          }
        });
  }

  /** A task that replaces a folder by a link, and the link by a folder, again and again. */
  private static final class Swapping implements AutoCloseable {
    private final Path folder;
    private final Path target;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Thread thread = Thread.ofPlatform().unstarted(this::swap);

    Swapping(Path folder, Path target) {
      this.folder = folder;
      this.target = target;
      thread.start();
    }

    private void swap() {
      var kept = target.resolveSibling("kept");
      var link = target.resolveSibling("link");
      while (!ended.get()) {
        try {
          Files.createDirectories(folder.resolve("full"));
          if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(link, target);
          }
          for (var times = 0; times < 20; times++) {
            move(folder, kept);
            move(link, folder);
            move(folder, link);
            move(kept, folder);
          }
        } catch (IOException _) {
          // The engine was in the way; the next round tries again.
        }
      }
    }

    private static void move(Path from, Path to) throws IOException {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() throws InterruptedException {
      ended.set(true);
      thread.join();
    }
  }
}
