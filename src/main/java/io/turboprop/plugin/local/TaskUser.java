package io.turboprop.plugin.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.FileTrees;
import io.turboprop.setting.ProcessUser;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user that runs the tasks. A task of the engine's own user can read everything that the engine
 * can read: its environment, the database password, the key of signed links. Therefore an engine
 * that runs as root (only root may change users) runs its tasks as another user. That user owns the
 * files that the tasks write to.
 */
final class TaskUser {
  /** The engine's own user runs the tasks. */
  static final TaskUser ENGINE = new TaskUser(Optional.empty());

  static final String SETTING = "turboprop.plugins.local.user";

  private static final Logger LOG = LoggerFactory.getLogger(TaskUser.class);
  private static final String AUTOMATIC = "auto";
  private static final String NOBODY = "nobody";

  /**
   * Checks an interpreter's libraries: if another user can't enter their folder, the interpreter
   * fails, or silently uses the libraries of another Python.
   */
  private static final String SHOW_LIBRARIES =
      "import sys, ssl; print(sys.base_prefix, ssl.__file__)";

  private static final long CHECK_SECONDS_MAX = 20;

  private final Optional<Account> other;

  /**
   * A user of this machine.
   *
   * @param prefix the words before a command line that make it run as this user
   */
  private record Account(UserPrincipal owner, List<String> prefix) {}

  private TaskUser(Optional<Account> other) {
    this.other = other;
  }

  /**
   * The files and folders that tasks of another user have to reach.
   *
   * @param folders the folders that tasks enter
   * @param interpreters the interpreters that tasks run
   */
  record Needs(List<Path> folders, List<Path> interpreters, DataStore store) {}

  /** Tasks can't run as the configured or tried user. */
  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableException(String message) {
      super(message);
    }
  }

  /**
   * The user that the setting names.
   *
   * @param setting a name; {@code auto} for the user nobody where that works; empty for the
   *     engine's own user
   * @throws IllegalArgumentException when tasks can't run as the named user
   */
  static TaskUser of(String setting, String searchPath, Needs needs)
      throws IOException, InterruptedException {
    if (setting.isEmpty()) {
      return ENGINE;
    }
    var automatic = setting.equals(AUTOMATIC);
    if (automatic && !ProcessUser.isRoot()) {
      return ENGINE;
    }
    try {
      var user = find(automatic ? NOBODY : setting, searchPath);
      user.check(needs);
      return user;
    } catch (UnusableException e) {
      if (automatic) {
        LOG.warn(
            "tasks run as root, and can read the secrets of the engine: as the user '{}' they could"
                + " not run, since {}. {} names another user, or none",
            NOBODY,
            e.getMessage(),
            SETTING);
        return ENGINE;
      }
      throw new IllegalArgumentException(
          "tasks can't run as the user '%s' (%s): %s".formatted(setting, SETTING, e.getMessage()));
    }
  }

  private static TaskUser find(String name, String searchPath)
      throws IOException, InterruptedException, UnusableException {
    if (!ProcessUser.isRoot()) {
      throw new UnusableException("only an engine that runs as root can change users");
    }
    var program = PlainProcesses.find("setpriv", searchPath);
    if (program.isEmpty()) {
      throw new UnusableException("setpriv (of util-linux) is not installed");
    }
    var user = Attempt.of(List.of("id", "-u", name));
    var group = Attempt.of(List.of("id", "-g", name));
    var uid = user.output().map(String::strip);
    var gid = group.output().map(String::strip);
    if (uid.isEmpty() || gid.isEmpty()) {
      throw new UnusableException("there is no such user");
    }
    var folder = Path.of("/");
    var owner =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(uid.get());
    var prefix =
        List.of(
            program.get().toString(),
            "--reuid=" + uid.get(),
            "--regid=" + gid.get(),
            "--clear-groups",
            "--inh-caps=-all",
            // Otherwise a program of root with the set-user-ID bit would give the rights back.
            "--no-new-privs");
    return new TaskUser(Optional.of(new Account(owner, prefix)));
  }

  /** Makes all attempts at once, since the engine's start waits for them. */
  private void check(Needs needs) throws IOException, InterruptedException, UnusableException {
    var entering = new LinkedHashMap<Path, Attempt>();
    for (var folder : needs.folders()) {
      entering.put(folder, attempt(List.of("test", "-x", folder.toString())));
    }
    var asUser = new LinkedHashMap<Path, Attempt>();
    var asEngine = new HashMap<Path, Attempt>();
    for (var interpreter : needs.interpreters()) {
      var command = List.of(interpreter.toString(), "-c", SHOW_LIBRARIES);
      asUser.put(interpreter, attempt(command));
      asEngine.put(interpreter, Attempt.of(byShell(command)));
    }
    for (var each : entering.entrySet()) {
      if (each.getValue().output().isEmpty()) {
        throw new UnusableException("it can't enter the folder " + each.getKey());
      }
    }
    for (var each : asUser.entrySet()) {
      var seen = each.getValue().output();
      var expected = Objects.requireNonNull(asEngine.get(each.getKey())).output();
      if (seen.isEmpty() || !seen.equals(expected)) {
        throw new UnusableException("it can't run %s with its libraries".formatted(each.getKey()));
      }
    }
    checkStore(needs.store());
  }

  /** The engine's umask decides whether other users can read the engine's files. */
  private void checkStore(DataStore store)
      throws IOException, InterruptedException, UnusableException {
    var folder = store.localFolder(store.base().child("metadata"));
    if (folder.isEmpty()) {
      return;
    }
    var example = new DataReference(folder.get().toString()).child(".task-user");
    store.write(example, ByteString.EMPTY);
    try {
      if (attempt(List.of("test", "-r", example.uri())).output().isEmpty()) {
        throw new UnusableException("it can't read what the engine writes to " + folder.get());
      }
    } finally {
      store.delete(example);
    }
  }

  /** An attempt to run a command as this user. */
  private Attempt attempt(List<String> command) throws IOException {
    return Attempt.of(command(byShell(command)));
  }

  /**
   * A shell runs the program, because setpriv itself still has the rights of root when it starts a
   * program.
   */
  private static List<String> byShell(List<String> command) {
    var whole = new ArrayList<>(List.of("sh", "-c", "exec \"$@\"", "sh"));
    whole.addAll(command);
    return whole;
  }

  /** A command that has been started, to see whether it succeeds. It prints a line at most. */
  private record Attempt(Process process) {
    static Attempt of(List<String> command) throws IOException {
      var builder = new ProcessBuilder(command);
      builder.environment().clear();
      builder.redirectError(ProcessBuilder.Redirect.DISCARD);
      var process = builder.start();
      process.getOutputStream().close();
      return new Attempt(process);
    }

    /** The standard output of a command that succeeds in time; empty for any other command. */
    Optional<String> output() throws IOException, InterruptedException {
      if (!process.waitFor(CHECK_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      var printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      return process.exitValue() == 0 ? Optional.of(printed) : Optional.empty();
    }
  }

  /** Whether a user other than the engine's own runs the tasks. */
  boolean isAnother() {
    return other.isPresent();
  }

  /** Makes a command line that runs as this user. */
  List<String> command(List<String> command) {
    var whole = new ArrayList<>(other.map(Account::prefix).orElse(List.of()));
    whole.addAll(command);
    return whole;
  }

  /**
   * Makes this user the owner of a file or folder; of a link, and not of its target.
   *
   * @param trusted a folder above it that no task can replace
   */
  void give(Path trusted, Path file) throws IOException {
    if (other.isPresent()) {
      FileTrees.setOwner(trusted, file, other.get().owner());
    }
  }

  /**
   * Makes this user the owner of a folder and of everything in it.
   *
   * @param folder a folder in a folder that no task can replace
   */
  void giveAll(Path folder) throws IOException {
    if (other.isPresent()) {
      FileTrees.setOwnerOfAll(folder.resolveSibling(""), folder, other.get().owner());
    }
  }
}
