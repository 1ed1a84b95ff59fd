package io.turboprop.journal;

import io.turboprop.journal.JournalStatements.Range;
import io.turboprop.store.RefusedRowException;
import io.turboprop.store.RefusedRowException.Reason;
import io.turboprop.workflow.entity.FencedException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Scheduler;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.jdbc.config.JournalConfig;
import org.apache.pekko.persistence.jdbc.journal.dao.JournalDao;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Source;
import scala.Option;
import scala.Tuple2;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.concurrent.Future$;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.CollectionConverters;
import scala.jdk.javaapi.FutureConverters;
import scala.runtime.BoxedUnit;
import scala.util.Failure;
import scala.util.Success;
import scala.util.Try;

/**
 * The journal DAO of Pekko Persistence JDBC, in place of its own one on Slick. It uses the same
 * tables, but writes all waiting steps by one statement, without Slick's queue and threads.
 */
public final class StepDao implements JournalDao {
  private static final Success<BoxedUnit> WRITTEN = new Success<>(BoxedUnit.UNIT);

  private final JournalConnections connections;
  private final JournalPayloads payloads;

  /** The constructor that Pekko Persistence JDBC calls; the arguments for Slick are not used. */
  public StepDao(
      slick.jdbc.JdbcBackend.JdbcDatabaseDef database,
      slick.jdbc.JdbcProfile profile,
      JournalConfig config,
      Serialization serialization,
      ExecutionContext executor,
      Materializer materializer) {
    this.connections = JournalConnections.of(serialization.system());
    this.payloads = new JournalPayloads(serialization);
  }

  /** Stores all writes of one call together; a write that can't be serialized fails alone. */
  @Override
  public Future<scala.collection.immutable.Seq<Try<BoxedUnit>>> asyncWriteMessages(
      scala.collection.immutable.Seq<AtomicWrite> messages) {
    var writes =
        CollectionConverters.asJava(messages).stream()
            .map(write -> Try.apply(() -> rows(write)))
            .toList();
    var results = CollectionConverters.asScala(writes.stream().map(StepDao::result).toList());
    var rows = writes.stream().filter(Try::isSuccess).flatMap(write -> write.get().stream());
    return FutureConverters.asScala(
        connections
            .write(rows.toList())
            .exceptionally(failure -> {
              throw fenced(failure);
            })
            .thenApply(_ -> results.toList()));
  }

  /**
   * Translates the conflict with a step that another entity has written into a {@link
   * FencedException}.
   */
  private static RuntimeException fenced(Throwable failure) {
    if (failure instanceof RefusedRowException row && row.reason() == Reason.DUPLICATE) {
      return new FencedException("a step of this number is in the journal already", row);
    }
    return new CompletionException(failure);
  }

  private static Try<BoxedUnit> result(Try<List<JournalRow>> write) {
    return write.isFailure() ? new Failure<>(write.failed().get()) : WRITTEN;
  }

  private List<JournalRow> rows(AtomicWrite write) {
    return CollectionConverters.asJava((scala.collection.Seq<PersistentRepr>) write.payload())
        .stream()
        .map(this::row)
        .toList();
  }

  private JournalRow row(PersistentRepr step) {
    return payloads.row(
        step.persistenceId(),
        step.sequenceNr(),
        step.timestamp(),
        step.writerUuid(),
        step.payload());
  }

  @Override
  public Future<Object> highestSequenceNr(String persistenceId, long from) {
    return FutureConverters.asScala(
        connections.highestSequenceNumber(persistenceId).thenApply(Object.class::cast));
  }

  @Override
  public org.apache.pekko.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed>
      messages(String persistenceId, long from, long to, long max) {
    var page = (int) Math.min(max, Integer.MAX_VALUE);
    return messagesWithBatch(persistenceId, from, to, page, Option.empty())
        .asJava()
        .take(max)
        .asScala();
  }

  /**
   * Reads page by page. Unlike the DAO of Pekko Persistence JDBC, it does not stop where a number
   * is missing.
   */
  @Override
  public org.apache.pekko.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed>
      messagesWithBatch(
          String persistenceId,
          long from,
          long to,
          int page,
          Option<Tuple2<FiniteDuration, Scheduler>> refresh) {
    return Source.unfoldAsync(from, next -> page(new Range(persistenceId, next, to, page)))
        .mapConcat(rows -> rows)
        .map(row -> Try.apply(() -> new Tuple2<>(step(row), (Object) row.sequenceNumber())))
        .asScala();
  }

  private CompletionStage<Optional<Pair<Long, List<JournalRow>>>> page(Range range) {
    if (range.from() > range.to()) {
      return CompletableFuture.completedStage(Optional.empty());
    }
    return connections
        .steps(range)
        .thenApply(rows ->
            rows.isEmpty()
                ? Optional.empty()
                : Optional.of(Pair.create(rows.getLast().sequenceNumber() + 1, rows)));
  }

  private PersistentRepr step(JournalRow row) {
    return PersistentRepr.apply(
            payloads.payload(row),
            row.sequenceNumber(),
            row.persistenceId(),
            "",
            false,
            ActorRef.noSender(),
            row.writer())
        .withTimestamp(row.timestamp());
  }

  /** Not supported: only whole executions are deleted, by {@link JournalTables#delete}. */
  @Override
  public Future<BoxedUnit> delete(String persistenceId, long to) {
    return Future$.MODULE$.failed(
        new UnsupportedOperationException("steps are deleted with their execution, not before"));
  }
}
