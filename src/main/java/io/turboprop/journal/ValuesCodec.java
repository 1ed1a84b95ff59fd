package io.turboprop.journal;

import com.google.protobuf.Message;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.Values;
import io.turboprop.journal.v1.CacheStatus;
import io.turboprop.journal.v1.ErrorKind;
import io.turboprop.journal.v1.Expiry;
import io.turboprop.journal.v1.StoredConclusion;
import io.turboprop.journal.v1.StoredContents;
import io.turboprop.journal.v1.StoredError;
import io.turboprop.journal.v1.StoredProgress;
import io.turboprop.journal.v1.StoredSettings;
import io.turboprop.journal.v1.StoredValues;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Maps the values that both events and states contain. */
final class ValuesCodec {
  private ValuesCodec() {}

  static StoredValues encode(Values values) {
    return switch (values) {
      case Values.Inline(var literals) when literals.isEmpty() -> StoredValues.getDefaultInstance();
      case Values.Inline(var literals) ->
          StoredValues.newBuilder().setInline(literals.bytes()).build();
      case Values.Stored(var reference) ->
          StoredValues.newBuilder().setReference(reference.uri()).build();
    };
  }

  static Values decode(StoredValues stored) {
    return switch (stored.getPlaceCase()) {
      case INLINE -> new Values.Inline(Literals.parse(stored.getInline()));
      case REFERENCE -> new Values.Stored(new DataReference(stored.getReference()));
      case PLACE_NOT_SET -> known(stored, Values.NONE, "a location of values");
    };
  }

  static StoredError encode(ExecutionError error) {
    return StoredError.newBuilder()
        .setCode(error.code())
        .setMessage(error.message())
        .setKind(
            switch (error.kind()) {
              case UNKNOWN -> ErrorKind.ERROR_KIND_UNKNOWN;
              case USER -> ErrorKind.ERROR_KIND_USER;
              case SYSTEM -> ErrorKind.ERROR_KIND_SYSTEM;
            })
        .build();
  }

  static ExecutionError decode(StoredError stored) {
    var kind =
        switch (stored.getKind()) {
          case ERROR_KIND_UNKNOWN -> ExecutionError.Kind.UNKNOWN;
          case ERROR_KIND_USER -> ExecutionError.Kind.USER;
          case ERROR_KIND_SYSTEM -> ExecutionError.Kind.SYSTEM;
          case UNRECOGNIZED -> throw unknown("a kind of error");
        };
    return new ExecutionError(stored.getCode(), stored.getMessage(), kind);
  }

  static StoredProgress encode(Progress progress) {
    return StoredProgress.newBuilder()
        .setPhase(progress.phase())
        .setPhaseVersion(progress.phaseVersion())
        .setState(progress.state())
        .setDetails(progress.details())
        .setDeckUri(progress.deckUri().orElse(""))
        .build();
  }

  static Progress decode(StoredProgress stored) {
    return new Progress(
        stored.getPhase(),
        stored.getPhaseVersion(),
        stored.getState(),
        stored.getDetails(),
        Optional.of(stored.getDeckUri()).filter(uri -> !uri.isEmpty()));
  }

  static StoredConclusion encode(AttemptSummary conclusion, StoredTimes times) {
    var stored =
        StoredConclusion.newBuilder()
            .setDetails(conclusion.details())
            .setCacheStatus(encode(conclusion.cache().status()))
            .setCacheKey(conclusion.cache().key());
    conclusion.startedAt().map(times::encode).ifPresent(stored::setStartedAt);
    conclusion.deckUri().ifPresent(stored::setDeckUri);
    return stored.build();
  }

  static AttemptSummary decode(StoredConclusion stored, StoredTimes times) {
    return new AttemptSummary(
        stored.hasStartedAt() ? Optional.of(times.decode(stored.getStartedAt())) : Optional.empty(),
        stored.getDetails(),
        new AttemptSummary.Cache(decode(stored.getCacheStatus()), stored.getCacheKey()),
        stored.hasDeckUri() ? Optional.of(stored.getDeckUri()) : Optional.empty());
  }

  private static CacheStatus encode(AttemptSummary.CacheStatus status) {
    return switch (status) {
      case DISABLED -> CacheStatus.CACHE_STATUS_DISABLED;
      case MISS -> CacheStatus.CACHE_STATUS_MISS;
      case HIT -> CacheStatus.CACHE_STATUS_HIT;
      case POPULATED -> CacheStatus.CACHE_STATUS_POPULATED;
      case LOOKUP_FAILURE -> CacheStatus.CACHE_STATUS_LOOKUP_FAILURE;
      case PUT_FAILURE -> CacheStatus.CACHE_STATUS_PUT_FAILURE;
      case SKIPPED -> CacheStatus.CACHE_STATUS_SKIPPED;
      case EVICTED -> CacheStatus.CACHE_STATUS_EVICTED;
    };
  }

  private static AttemptSummary.CacheStatus decode(CacheStatus stored) {
    return switch (stored) {
      case CACHE_STATUS_DISABLED -> AttemptSummary.CacheStatus.DISABLED;
      case CACHE_STATUS_MISS -> AttemptSummary.CacheStatus.MISS;
      case CACHE_STATUS_HIT -> AttemptSummary.CacheStatus.HIT;
      case CACHE_STATUS_POPULATED -> AttemptSummary.CacheStatus.POPULATED;
      case CACHE_STATUS_LOOKUP_FAILURE -> AttemptSummary.CacheStatus.LOOKUP_FAILURE;
      case CACHE_STATUS_PUT_FAILURE -> AttemptSummary.CacheStatus.PUT_FAILURE;
      case CACHE_STATUS_SKIPPED -> AttemptSummary.CacheStatus.SKIPPED;
      case CACHE_STATUS_EVICTED -> AttemptSummary.CacheStatus.EVICTED;
      case UNRECOGNIZED -> throw unknown("a cache status");
    };
  }

  static Expiry encode(WorkflowEvent.Expiry expiry) {
    return switch (expiry) {
      case EXECUTION -> Expiry.EXPIRY_EXECUTION;
      case ACTIVE -> Expiry.EXPIRY_ACTIVE;
    };
  }

  static WorkflowEvent.Expiry decode(Expiry stored) {
    return switch (stored) {
      case EXPIRY_EXECUTION -> WorkflowEvent.Expiry.EXECUTION;
      case EXPIRY_ACTIVE -> WorkflowEvent.Expiry.ACTIVE;
      case UNRECOGNIZED -> throw unknown("a kind of timeout");
    };
  }

  static StoredSettings encode(ExecutionSettings settings) {
    return StoredSettings.newBuilder()
        .setParallelismMax(settings.parallelismMax())
        .setInterruptible(settings.interruptible())
        .setSystemRetriesMax(settings.systemRetriesMax())
        .setAttemptsMaxDefault(settings.attemptsMaxDefault())
        .setBackOffMin(StoredTimes.micros(settings.backOffMin()))
        .setBackOffMax(StoredTimes.micros(settings.backOffMax()))
        .setInlineBytesMax(settings.inlineBytesMax())
        .setElementsMax(settings.elementsMax())
        .setNodesMax(settings.nodesMax())
        .setLooksForRecovery(settings.looksForRecovery())
        .build();
  }

  static ExecutionSettings decode(StoredSettings stored) {
    return new ExecutionSettings(
        stored.getParallelismMax(),
        stored.getInterruptible(),
        stored.getSystemRetriesMax(),
        stored.getAttemptsMaxDefault(),
        Duration.of(stored.getBackOffMin(), ChronoUnit.MICROS),
        Duration.of(stored.getBackOffMax(), ChronoUnit.MICROS),
        stored.getInlineBytesMax(),
        stored.getElementsMax() == 0
            ? ExecutionSettings.DEFAULT.elementsMax()
            : stored.getElementsMax(),
        stored.getNodesMax() == 0 ? ExecutionSettings.DEFAULT.nodesMax() : stored.getNodesMax(),
        stored.getLooksForRecovery());
  }

  static StoredContents encode(Subgraph contents) {
    var stored = StoredContents.newBuilder();
    switch (contents) {
      case Subgraph.SubWorkflow _ -> {}
      case Subgraph.BranchArm(var arm) -> stored.setArm(arm);
      case Subgraph.ArrayElements(var size) -> stored.setElements(size);
      case Subgraph.Dynamic(var planDigest) -> stored.setPlanDigest(planDigest);
    }
    return stored.build();
  }

  static Subgraph decode(StoredContents stored) {
    return switch (stored.getKindCase()) {
      case ARM -> new Subgraph.BranchArm(stored.getArm());
      case ELEMENTS -> new Subgraph.ArrayElements(stored.getElements());
      case PLAN_DIGEST -> new Subgraph.Dynamic(stored.getPlanDigest());
      case KIND_NOT_SET -> known(stored, new Subgraph.SubWorkflow(), "a kind of subgraph");
    };
  }

  /**
   * The value that an absent choice stands for, unless the message has unknown fields: then a newer
   * version has chosen a case that this one does not know.
   */
  private static <T> T known(Message stored, T absent, String what) {
    if (stored.getUnknownFields().asMap().isEmpty()) {
      return absent;
    }
    throw unknown(what);
  }

  /** The failure for an enum value of a newer version. Snapshots hold the same values as events. */
  private static NewerFormatException unknown(String what) {
    return new NewerFormatException(NewerFormatException.Stored.EVENT, what);
  }
}
