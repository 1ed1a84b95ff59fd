package io.turboprop.execution;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.DynamicJob.DynamicJobSpec;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.compiler.ClosureDigest;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.compiler.CompilerError;
import io.turboprop.compiler.CompilerResult;
import io.turboprop.compiler.DynamicCompilation;
import io.turboprop.compiler.DynamicSpec;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Layout;
import io.turboprop.data.Outage;
import io.turboprop.data.Sha256;
import io.turboprop.node.DynamicPlans;
import io.turboprop.node.DynamicSettings;
import io.turboprop.store.DynamicPlanTables;
import io.turboprop.workflow.entity.Assignment;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles the plans of dynamic nodes and stores them in tables. A graph that does not compile or
 * is too large is refused for good; a graph that is too large is not parsed at all.
 */
public final class StoredDynamicPlans implements DynamicPlans {
  private static final Logger LOG = LoggerFactory.getLogger(StoredDynamicPlans.class);
  private static final String REFUSED = "DynamicWorkflowBuildFailed";
  private static final int VERSION_LENGTH = 10;

  /** A graph that a task has left in a file of at most this size is compiled without a turn. */
  private static final long SMALL_BYTES_MAX = 1024 * 1024;

  /** Less than a call of a handler may take. */
  private static final Duration TURN_WITHIN = Duration.ofSeconds(10);

  private final DynamicPlanTables tables;
  private final LaunchPlanInterfaces launchPlans;
  private final CompiledPlans plans;
  private final DataStore store;
  private final Layout layout;
  private final DynamicSettings settings;

  /** Large graphs are compiled one at a time, since that takes many times their size in memory. */
  private final ReentrantLock largeGraphs = new ReentrantLock();

  public StoredDynamicPlans(
      DynamicPlanTables tables,
      LaunchPlanInterfaces launchPlans,
      CompiledPlans plans,
      BlobStorage storage,
      DynamicSettings settings) {
    this.tables = tables;
    this.launchPlans = launchPlans;
    this.plans = plans;
    this.store = storage.store();
    this.layout = storage.layout();
    this.settings = settings;
  }

  @Override
  public Expansion expand(Assignment assignment, TaskTemplate task, DataReference specification)
      throws IOException {
    var known =
        tables.find(
            assignment.execution().number(), assignment.path(), assignment.work().attempt());
    if (known.isPresent()) {
      return new Expansion.Planned(known.orElseThrow());
    }
    if (tables.depth(assignment.execution().number(), assignment.path()) >= settings.depthMax()) {
      return refusal(
          "dynamic tasks are nested more than %d deep; does a task make itself for ever?"
              .formatted(settings.depthMax()));
    }
    try {
      return expandInTurn(assignment, task, specification);
    } catch (DataTooLargeException e) {
      return refusal("the graph that the task has made is too large: " + e.getMessage());
    } catch (InvalidProtocolBufferException e) {
      return refusal("%s is no DynamicJobSpec: %s".formatted(specification, e.getMessage()));
    }
  }

  private Expansion expandInTurn(
      Assignment assignment, TaskTemplate task, DataReference specification) throws IOException {
    if (store.size(specification).orElse(0L) <= SMALL_BYTES_MAX) {
      return stored(assignment, specification, made(assignment, task, specification));
    }
    return stored(assignment, specification, madeInTurn(assignment, task, specification));
  }

  /** Other large graphs are compiled first; the node looks again. */
  private static final class TurnNotComeException extends IOException implements Outage {
    private static final long serialVersionUID = 1L;

    TurnNotComeException() {
      super("other large graphs are being compiled");
    }
  }

  /** Compiles one large graph at a time, since each takes much memory. */
  private Made madeInTurn(Assignment assignment, TaskTemplate task, DataReference specification)
      throws IOException {
    try {
      if (!largeGraphs.tryLock(TURN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TurnNotComeException();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to compile a large graph");
    }
    try {
      return made(assignment, task, specification);
    } finally {
      largeGraphs.unlock();
    }
  }

  /** The result of a compilation: the only part of a graph that stays in memory afterwards. */
  private sealed interface Made {
    /** The serialized closure, and its digest. */
    record Compiled(String digest, ByteString closure) implements Made {}

    record Refused(Expansion.Refused expansion) implements Made {}
  }

  @Override
  public long specBytesMax() {
    return settings.specBytesMax();
  }

  private ByteString read(DataReference specification) throws IOException {
    var bytes = store.read(specification, settings.specBytesMax());
    store.sync(specification);
    return bytes;
  }

  private Made made(Assignment assignment, TaskTemplate task, DataReference specification)
      throws IOException {
    var bytes = read(specification);
    var nodes = DynamicSpec.nodeCount(bytes);
    if (nodes > settings.nodesMax()) {
      return refused(
          "the graph that the task has made has %d nodes; the limit is %d"
              .formatted(nodes, settings.nodesMax()));
    }
    var id =
        DynamicCompilation.id(assignment.execution().id(), assignment.node().id(), version(bytes));
    var compiled =
        DynamicCompilation.compile(
            id, task, DynamicJobSpec.parseFrom(bytes), launchPlans::registered);
    return switch (compiled) {
      case CompilerResult.Rejected(var errors) ->
          refused(
              "the graph that the task has made does not compile:\n"
                  + CompilerError.render(errors));
      case CompilerResult.Compiled(var closure) -> compiled(closure);
    };
  }

  private Made compiled(CompiledWorkflowClosure closure) {
    var bytes = closure.toByteString();
    var digest = ClosureDigest.of(closure);
    plans.add(digest, closure, bytes.size());
    return new Made.Compiled(digest, bytes);
  }

  private Expansion stored(Assignment assignment, DataReference specification, Made made) {
    return switch (made) {
      case Made.Refused(var expansion) -> expansion;
      case Made.Compiled(var digest, var closure) -> {
        var attempt = assignment.work().attempt();
        var linked =
            tables.link(
                assignment.execution().number(),
                assignment.path(),
                attempt,
                digest,
                closure,
                specification.uri());
        keepFile(layout.node(assignment.execution().id(), assignment.path(), attempt), closure);
        yield new Expansion.Planned(linked);
      }
    };
  }

  /** The file is for users, as in Flyte; the engine does not read it. */
  private void keepFile(Layout.NodeFiles files, ByteString closure) {
    try {
      store.write(files.dynamicClosure(), closure);
    } catch (IOException e) {
      LOG.warn("{} was not written", files.dynamicClosure(), e);
    }
  }

  private static Made refused(String message) {
    return new Made.Refused(refusal(message));
  }

  private static Expansion.Refused refusal(String message) {
    return new Expansion.Refused(ExecutionError.user(REFUSED, message).trimmed());
  }

  private static String version(ByteString content) {
    var sha256 = Sha256.digest();
    content.asReadOnlyByteBufferList().forEach(sha256::update);
    return HexFormat.of().formatHex(sha256.digest()).substring(0, VERSION_LENGTH);
  }
}
