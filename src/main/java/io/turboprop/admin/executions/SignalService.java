package io.turboprop.admin.executions;

import com.google.protobuf.ByteString;
import flyteidl.admin.SignalOuterClass.Signal;
import flyteidl.admin.SignalOuterClass.SignalGetOrCreateRequest;
import flyteidl.admin.SignalOuterClass.SignalList;
import flyteidl.admin.SignalOuterClass.SignalListRequest;
import flyteidl.admin.SignalOuterClass.SignalSetRequest;
import flyteidl.admin.SignalOuterClass.SignalSetResponse;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.SignalIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Types.LiteralType;
import flyteidl.service.SignalServiceGrpc;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.Lists;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.RpcTable;
import io.turboprop.compiler.LiteralTypes;
import io.turboprop.compiler.TypeCasting;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.PlainUris;
import io.turboprop.data.StoredMessages;
import io.turboprop.execution.ValuesReader;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.Page;
import io.turboprop.store.SignalTables;
import io.turboprop.store.SignalTables.Receiver;
import io.turboprop.store.SignalTables.SignalRow;
import io.turboprop.workflow.entity.Workflows;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signals that users send to the gates of executions. A value is stored, together with the
 * request to activate the execution, before the execution is notified, so that no value is lost.
 */
public final class SignalService {
  private static final Logger LOG = LoggerFactory.getLogger(SignalService.class);
  private static final int ID_LENGTH_MAX = 255;
  private static final String VALUE = "value";

  private final SignalTables signals;
  private final Lists lists;
  private final ExecutionReads executions;
  private final DataStore store;
  private final Workflows workflows;
  private final long valueBytesMax;

  public SignalService(Database database, BlobStorage storage, Workflows workflows, Lists lists) {
    this.signals = new SignalTables(database);
    this.executions =
        new ExecutionReads(new ExecutionTables(database), new ValuesReader(storage), lists);
    this.lists = lists;
    this.store = storage.store();
    this.workflows = workflows;
    this.valueBytesMax = storage.valueBytesMax();
  }

  /** The table of the service. */
  public RpcTable table() {
    return new RpcTable(SignalServiceGrpc.getServiceDescriptor())
        .on(SignalServiceGrpc.getGetOrCreateSignalMethod(), this::getOrCreateSignal)
        .on(SignalServiceGrpc.getListSignalsMethod(), this::listSignals)
        .on(SignalServiceGrpc.getSetSignalMethod(), this::setSignal);
  }

  /**
   * The signal with its value, if a value was sent; creates a missing signal.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for a missing field, {@code NOT_FOUND} for an
   *     unknown execution
   */
  Signal getOrCreateSignal(SignalGetOrCreateRequest request) {
    var id = request.getId();
    checkId(id);
    if (request.getType().getTypeCase() == LiteralType.TypeCase.TYPE_NOT_SET) {
      throw AdminException.missing("type");
    }
    if (id.getSignalId().length() > ID_LENGTH_MAX) {
      throw AdminException.invalidArgument(
          "signal_id has %d characters; the limit is %d"
              .formatted(id.getSignalId().length(), ID_LENGTH_MAX));
    }
    var execution = executions.find(id.getExecutionId()).accepted();
    var row =
        signals.getOrCreate(execution.number(), id.getSignalId(), request.getType().toByteString());
    return message(id.getExecutionId(), row);
  }

  /** A page of signals; an unknown execution has no signals. */
  SignalList listSignals(SignalListRequest request) {
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var id = request.getWorkflowExecutionId();
    var page =
        executions
            .known(id)
            .map(execution -> signals.list(execution.accepted().number(), query))
            .orElse(Page.empty());
    var answer = SignalList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addSignals(message(id, row)));
    return answer.build();
  }

  /**
   * Sends a value. Until the gate has read a value, the last value sent counts. As in FlyteAdmin,
   * an ended execution accepts a value too, without effect.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for an unknown signal, or a value of another
   *     type
   */
  SignalSetResponse setSignal(SignalSetRequest request) {
    var id = request.getId();
    checkId(id);
    if (request.getValue().getValueCase() == Literal.ValueCase.VALUE_NOT_SET) {
      throw AdminException.missing(VALUE);
    }
    var execution = ExecutionReads.id(id.getExecutionId());
    var receiver = signals.receiver(execution, id.getSignalId());
    var type = receiver.map(Receiver::type).orElseThrow(() -> noSignal(id, receiver));
    checkType(id.getSignalId(), type, request.getValue());
    var gates =
        signals
            .set(receiver.orElseThrow().number(), id.getSignalId(), plain(request.getValue()))
            .orElseThrow(() -> noSignal(id, Optional.empty()));
    notify(execution, gates);
    return SignalSetResponse.getDefaultInstance();
  }

  private static void checkId(SignalIdentifier id) {
    Identifiers.required(id.getExecutionId().getProject(), "project");
    Identifiers.required(id.getExecutionId().getDomain(), "domain");
    Identifiers.required(id.getExecutionId().getName(), "name");
    Identifiers.required(id.getSignalId(), "signal_id");
  }

  /** On this code, clients repeat their call until the execution reaches the gate. */
  private static AdminException noSignal(SignalIdentifier id, Optional<Receiver> execution) {
    var name = id.getExecutionId();
    return AdminException.invalidArgument(
        "failed to validate that signal [%s] of execution [%s:%s:%s] exists: %s"
            .formatted(
                id.getSignalId(),
                name.getProject(),
                name.getDomain(),
                name.getName(),
                execution.map(SignalService::why).orElse("there is no such execution")));
  }

  private static String why(Receiver execution) {
    return execution.ended()
        ? "the execution has ended (%s) without having waited for it"
            .formatted(Phase.forNumber(execution.phase()))
        : "no gate waits for it yet; try again when one has been reached";
  }

  private static void checkType(String signalId, ByteString type, Literal value) {
    var expected = StoredMessages.parse(LiteralType.parser(), type);
    var given =
        LiteralTypes.infer(value)
            .orElseThrow(() ->
                AdminException.invalidArgument(
                    "signal [%s]: the type of the value is unknown".formatted(signalId)));
    if (!TypeCasting.castable(given, expected)) {
      throw AdminException.invalidArgument(
          "signal [%s] expects %s, but got %s"
              .formatted(signalId, LiteralTypes.describe(expected), LiteralTypes.describe(given)));
    }
  }

  private ByteString plain(Literal value) {
    var size = value.getSerializedSize();
    if (size > valueBytesMax) {
      throw AdminException.invalidArgument(
          "the value has %d bytes; the limit is %d".formatted(size, valueBytesMax));
    }
    try {
      return PlainUris.in(Literals.of(Map.of(VALUE, value)), store)
          .map()
          .getLiteralsOrThrow(VALUE)
          .toByteString();
    } catch (IOException e) {
      throw new AdminException(
          Code.UNAVAILABLE, "the value can't be looked at now: " + e.getMessage());
    }
  }

  /**
   * A lost notification does no harm: an execution that sleeps is due now, and one in memory reads
   * its unseen rows at the waker's next sweep.
   */
  private void notify(ExecutionId execution, List<NodePath> gates) {
    try {
      gates.forEach(gate -> workflows.lookAgain(execution, gate));
    } catch (RuntimeException e) {
      LOG.warn("{} could not be notified of a signal now; it will find the value", execution, e);
    }
  }

  private static Signal message(WorkflowExecutionIdentifier execution, SignalRow row) {
    var signal =
        Signal.newBuilder()
            .setId(
                SignalIdentifier.newBuilder().setSignalId(row.signalId()).setExecutionId(execution))
            .setType(StoredMessages.parse(LiteralType.parser(), row.type()));
    if (row.value() != null) {
      signal.setValue(StoredMessages.parse(Literal.parser(), row.value()));
    }
    return signal.build();
  }
}
