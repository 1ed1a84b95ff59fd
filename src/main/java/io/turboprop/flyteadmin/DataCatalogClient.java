package io.turboprop.flyteadmin;

import com.google.protobuf.Duration;
import datacatalog.DataCatalogGrpc;
import datacatalog.DataCatalogGrpc.DataCatalogBlockingStub;
import datacatalog.Datacatalog.AddTagRequest;
import datacatalog.Datacatalog.Artifact;
import datacatalog.Datacatalog.ArtifactData;
import datacatalog.Datacatalog.CreateArtifactRequest;
import datacatalog.Datacatalog.CreateDatasetRequest;
import datacatalog.Datacatalog.Dataset;
import datacatalog.Datacatalog.DatasetID;
import datacatalog.Datacatalog.GetArtifactRequest;
import datacatalog.Datacatalog.GetDatasetRequest;
import datacatalog.Datacatalog.GetOrExtendReservationRequest;
import datacatalog.Datacatalog.Metadata;
import datacatalog.Datacatalog.ReleaseReservationRequest;
import datacatalog.Datacatalog.ReservationID;
import datacatalog.Datacatalog.Tag;
import datacatalog.Datacatalog.UpdateArtifactRequest;
import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import io.grpc.Channel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.turboprop.catalog.CacheKey;
import io.turboprop.catalog.Catalog;
import io.turboprop.catalog.CatalogSettings;
import io.turboprop.data.Literals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The catalog of a Flyte installation: a client of the service DataCatalog. It uses
 * FlytePropeller's names and values, so that both engines find each other's entries. Two
 * differences from FlytePropeller: an entry whose variables differ from the task's counts as
 * missing, and a task without outputs can't be cached.
 */
public final class DataCatalogClient implements Catalog {
  private static final String DATASET_NAME = "flyte_task-";
  private static final String TASK_VERSION = "task-version";
  private static final String PROJECT = "exec-project";
  private static final String DOMAIN = "exec-domain";
  private static final String EXECUTION = "execution-name";
  private static final String NODE = "exec-node";
  private static final String ATTEMPT = "exec-attempt";

  private final DataCatalogBlockingStub catalog;
  private final java.time.Duration timeout;
  private final CatalogSettings settings;
  private final Clock clock;

  public DataCatalogClient(
      Channel channel, java.time.Duration timeout, CatalogSettings settings, Clock clock) {
    this.catalog = DataCatalogGrpc.newBlockingStub(channel);
    this.timeout = timeout;
    this.settings = settings;
    this.clock = clock;
  }

  private DataCatalogBlockingStub catalog() {
    return catalog.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public Optional<Hit> lookup(CacheKey key, Set<String> outputs) throws IOException {
    try {
      return find(key)
          .map(entry -> new Hit(literals(entry), metadata(key, entry)))
          .filter(hit -> hit.outputs().map().getLiteralsMap().keySet().equals(outputs));
    } catch (StatusRuntimeException e) {
      throw unavailable("look up", key, e);
    }
  }

  /** An artifact, and the version of the task that created its dataset. */
  private record Entry(Artifact artifact, String taskVersion) {}

  /** The entry of a key; empty if there is none, or if it is too old. */
  private Optional<Entry> find(CacheKey key) {
    try {
      var dataset =
          catalog()
              .getDataset(GetDatasetRequest.newBuilder().setDataset(dataset(key)).build())
              .getDataset();
      var artifact =
          catalog()
              .getArtifact(
                  GetArtifactRequest.newBuilder()
                      .setDataset(dataset.getId())
                      .setTagName(key.tag())
                      .build())
              .getArtifact();
      return isTooOld(artifact)
          ? Optional.empty()
          : Optional.of(
              new Entry(
                  artifact, dataset.getMetadata().getKeyMapOrDefault(TASK_VERSION, "unknown")));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean isTooOld(Artifact artifact) {
    var created =
        Instant.ofEpochSecond(
            artifact.getCreatedAt().getSeconds(), artifact.getCreatedAt().getNanos());
    return settings.ageMax().isPositive()
        && created.plus(settings.ageMax()).isBefore(clock.instant());
  }

  @Override
  public CatalogMetadata put(
      CacheKey key, Literals outputs, TaskExecutionIdentifier source, boolean overwrite)
      throws IOException {
    try {
      if (overwrite) {
        var replaced = replace(key, outputs, source);
        if (replaced.isPresent()) {
          return key.metadata(replaced, Optional.of(source));
        }
      }
      create(key, outputs, source);
      return find(key).map(entry -> metadata(key, entry)).orElseGet(key::metadata);
    } catch (StatusRuntimeException e) {
      throw unavailable("store outputs", key, e);
    }
  }

  /** Replaces the outputs of a key; empty if the key has no entry. */
  private Optional<String> replace(CacheKey key, Literals outputs, TaskExecutionIdentifier source) {
    try {
      return Optional.of(
          catalog()
              .updateArtifact(
                  UpdateArtifactRequest.newBuilder()
                      .setDataset(dataset(key))
                      .setTagName(key.tag())
                      .addAllData(data(outputs))
                      .setMetadata(sourceOf(source))
                      .build())
              .getArtifactId());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Creates an entry. If several callers create one at the same time, the first to tag its artifact
   * wins; the other artifacts have no tag and are never found.
   */
  private void create(CacheKey key, Literals outputs, TaskExecutionIdentifier source) {
    var dataset =
        Dataset.newBuilder()
            .setId(dataset(key))
            .setMetadata(
                Metadata.newBuilder().putKeyMap(TASK_VERSION, source.getTaskId().getVersion()));
    unlessThere(() ->
        catalog().createDataset(CreateDatasetRequest.newBuilder().setDataset(dataset).build()));
    var id = UUID.randomUUID().toString();
    var artifact =
        Artifact.newBuilder()
            .setId(id)
            .setDataset(dataset(key))
            .addAllData(data(outputs))
            .setMetadata(sourceOf(source));
    unlessThere(() ->
        catalog().createArtifact(CreateArtifactRequest.newBuilder().setArtifact(artifact).build()));
    var tag = Tag.newBuilder().setName(key.tag()).setArtifactId(id).setDataset(dataset(key));
    unlessThere(() -> catalog().addTag(AddTagRequest.newBuilder().setTag(tag).build()));
  }

  private static void unlessThere(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Code.ALREADY_EXISTS) {
        throw e;
      }
    }
  }

  @Override
  public Reservation reserve(CacheKey key, String owner) {
    try {
      var interval = settings.reservation().dividedBy(3);
      var reservation =
          catalog()
              .getOrExtendReservation(
                  GetOrExtendReservationRequest.newBuilder()
                      .setReservationId(reservation(key))
                      .setOwnerId(owner)
                      .setHeartbeatInterval(
                          Duration.newBuilder()
                              .setSeconds(interval.getSeconds())
                              .setNanos(interval.getNano()))
                      .build())
              .getReservation();
      var expiry =
          Instant.ofEpochSecond(
              reservation.getExpiresAt().getSeconds(), reservation.getExpiresAt().getNanos());
      return reservation.getOwnerId().equals(owner)
          ? new Reservation.Acquired(expiry)
          : new Reservation.Held(reservation.getOwnerId(), expiry);
    } catch (StatusRuntimeException e) {
      throw new UncheckedIOException(unavailable("reserve", key, e));
    }
  }

  @Override
  public void release(CacheKey key, String owner) {
    try {
      var _ =
          catalog()
              .releaseReservation(
                  ReleaseReservationRequest.newBuilder()
                      .setReservationId(reservation(key))
                      .setOwnerId(owner)
                      .build());
    } catch (StatusRuntimeException e) {
      throw new UncheckedIOException(unavailable("release", key, e));
    }
  }

  private static ReservationID reservation(CacheKey key) {
    return ReservationID.newBuilder().setDatasetId(dataset(key)).setTagName(key.tag()).build();
  }

  private static DatasetID dataset(CacheKey key) {
    return DatasetID.newBuilder()
        .setProject(key.project())
        .setDomain(key.domain())
        .setName(key.name())
        .setVersion(key.version())
        .build();
  }

  private static List<ArtifactData> data(Literals outputs) {
    var data = new ArrayList<ArtifactData>();
    outputs
        .map()
        .getLiteralsMap()
        .forEach((name, value) ->
            data.add(ArtifactData.newBuilder().setName(name).setValue(value).build()));
    return data;
  }

  private static Literals literals(Entry entry) {
    var literals = LiteralMap.newBuilder();
    entry
        .artifact()
        .getDataList()
        .forEach(data -> literals.putLiterals(data.getName(), data.getValue()));
    return new Literals(literals.build());
  }

  private static Metadata sourceOf(TaskExecutionIdentifier source) {
    var node = source.getNodeExecutionId();
    return Metadata.newBuilder()
        .putKeyMap(PROJECT, node.getExecutionId().getProject())
        .putKeyMap(DOMAIN, node.getExecutionId().getDomain())
        .putKeyMap(EXECUTION, node.getExecutionId().getName())
        .putKeyMap(NODE, node.getNodeId())
        .putKeyMap(ATTEMPT, String.valueOf(source.getRetryAttempt()))
        .build();
  }

  private static CatalogMetadata metadata(CacheKey key, Entry entry) {
    return key.metadata(Optional.of(entry.artifact().getId()), Optional.of(source(key, entry)));
  }

  /**
   * The task execution that created an artifact; parts that the artifact does not name are
   * "unknown".
   */
  private static TaskExecutionIdentifier source(CacheKey key, Entry entry) {
    var values = entry.artifact().getMetadata().getKeyMapMap();
    var source =
        TaskExecutionIdentifier.newBuilder()
            .setTaskId(
                Identifier.newBuilder()
                    .setResourceType(ResourceType.TASK)
                    .setProject(key.project())
                    .setDomain(key.domain())
                    .setName(key.name().substring(DATASET_NAME.length()))
                    .setVersion(entry.taskVersion()))
            .setRetryAttempt(attempt(values));
    var node = source.getNodeExecutionIdBuilder().setNodeId(known(values, NODE));
    node.getExecutionIdBuilder()
        .setProject(known(values, PROJECT))
        .setDomain(known(values, DOMAIN))
        .setName(known(values, EXECUTION));
    return source.build();
  }

  private static String known(Map<String, String> values, String key) {
    return values.getOrDefault(key, "unknown");
  }

  private static int attempt(Map<String, String> values) {
    try {
      return Integer.parseInt(values.getOrDefault(ATTEMPT, "0"));
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  private static AdminUnavailableException unavailable(
      String what, CacheKey key, StatusRuntimeException cause) {
    return new AdminUnavailableException(
        "DataCatalog can't %s of %s (turboprop.flyteadmin.catalog-endpoint)"
            .formatted(what, key.name()),
        cause);
  }
}
