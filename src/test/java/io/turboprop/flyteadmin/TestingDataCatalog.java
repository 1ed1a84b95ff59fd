package io.turboprop.flyteadmin;

import com.google.protobuf.Timestamp;
import datacatalog.DataCatalogGrpc;
import datacatalog.Datacatalog.AddTagRequest;
import datacatalog.Datacatalog.AddTagResponse;
import datacatalog.Datacatalog.Artifact;
import datacatalog.Datacatalog.CreateArtifactRequest;
import datacatalog.Datacatalog.CreateArtifactResponse;
import datacatalog.Datacatalog.CreateDatasetRequest;
import datacatalog.Datacatalog.CreateDatasetResponse;
import datacatalog.Datacatalog.Dataset;
import datacatalog.Datacatalog.DatasetID;
import datacatalog.Datacatalog.GetArtifactRequest;
import datacatalog.Datacatalog.GetArtifactResponse;
import datacatalog.Datacatalog.GetDatasetRequest;
import datacatalog.Datacatalog.GetDatasetResponse;
import datacatalog.Datacatalog.GetOrExtendReservationRequest;
import datacatalog.Datacatalog.GetOrExtendReservationResponse;
import datacatalog.Datacatalog.ReleaseReservationRequest;
import datacatalog.Datacatalog.ReleaseReservationResponse;
import datacatalog.Datacatalog.Reservation;
import datacatalog.Datacatalog.ReservationID;
import datacatalog.Datacatalog.UpdateArtifactRequest;
import datacatalog.Datacatalog.UpdateArtifactResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** The service DataCatalog in memory. */
final class TestingDataCatalog extends DataCatalogGrpc.DataCatalogImplBase {
  private final Map<DatasetID, Dataset> datasets = new HashMap<>();
  private final Map<String, Artifact> artifacts = new HashMap<>();
  private final Map<Tagged, String> tags = new HashMap<>();
  private final Map<ReservationID, String> owners = new HashMap<>();
  private Instant now = Instant.EPOCH.plusSeconds(1_000);

  private record Tagged(DatasetID dataset, String tag) {}

  /** The time at which artifacts are created from now on. */
  synchronized void setTime(Instant time) {
    now = time;
  }

  /** The dataset of each artifact's tag. */
  synchronized Map<DatasetID, Dataset> datasets() {
    return Map.copyOf(datasets);
  }

  @Override
  public synchronized void createDataset(
      CreateDatasetRequest request, StreamObserver<CreateDatasetResponse> observer) {
    if (datasets.putIfAbsent(request.getDataset().getId(), request.getDataset()) != null) {
      observer.onError(Status.ALREADY_EXISTS.asException());
    } else {
      success(observer, CreateDatasetResponse.getDefaultInstance());
    }
  }

  @Override
  public synchronized void getDataset(
      GetDatasetRequest request, StreamObserver<GetDatasetResponse> observer) {
    var dataset = datasets.get(request.getDataset());
    if (dataset == null) {
      observer.onError(Status.NOT_FOUND.asException());
    } else {
      success(observer, GetDatasetResponse.newBuilder().setDataset(dataset).build());
    }
  }

  @Override
  public synchronized void createArtifact(
      CreateArtifactRequest request, StreamObserver<CreateArtifactResponse> observer) {
    var artifact = request.getArtifact();
    if (artifact.getDataCount() == 0) {
      observer.onError(Status.INVALID_ARGUMENT.asException());
    } else if (!datasets.containsKey(artifact.getDataset())) {
      observer.onError(Status.NOT_FOUND.asException());
    } else {
      artifacts.put(artifact.getId(), created(artifact));
      success(observer, CreateArtifactResponse.getDefaultInstance());
    }
  }

  private Artifact created(Artifact artifact) {
    return artifact.toBuilder()
        .setCreatedAt(Timestamp.newBuilder().setSeconds(now.getEpochSecond()))
        .build();
  }

  @Override
  public synchronized void addTag(AddTagRequest request, StreamObserver<AddTagResponse> observer) {
    var tag = request.getTag();
    if (tags.putIfAbsent(new Tagged(tag.getDataset(), tag.getName()), tag.getArtifactId())
        != null) {
      observer.onError(Status.ALREADY_EXISTS.asException());
    } else {
      success(observer, AddTagResponse.getDefaultInstance());
    }
  }

  @Override
  public synchronized void getArtifact(
      GetArtifactRequest request, StreamObserver<GetArtifactResponse> observer) {
    var id = tags.get(new Tagged(request.getDataset(), request.getTagName()));
    if (id == null) {
      observer.onError(Status.NOT_FOUND.asException());
    } else {
      success(observer, GetArtifactResponse.newBuilder().setArtifact(artifacts.get(id)).build());
    }
  }

  @Override
  public synchronized void updateArtifact(
      UpdateArtifactRequest request, StreamObserver<UpdateArtifactResponse> observer) {
    var id = tags.get(new Tagged(request.getDataset(), request.getTagName()));
    if (id == null) {
      observer.onError(Status.NOT_FOUND.asException());
      return;
    }
    artifacts.computeIfPresent(
        id,
        (_, artifact) ->
            artifact.toBuilder()
                .clearData()
                .addAllData(request.getDataList())
                .setMetadata(request.getMetadata())
                .build());
    success(observer, UpdateArtifactResponse.newBuilder().setArtifactId(id).build());
  }

  @Override
  public synchronized void getOrExtendReservation(
      GetOrExtendReservationRequest request,
      StreamObserver<GetOrExtendReservationResponse> observer) {
    var owner = owners.computeIfAbsent(request.getReservationId(), _ -> request.getOwnerId());
    success(
        observer,
        GetOrExtendReservationResponse.newBuilder()
            .setReservation(
                Reservation.newBuilder()
                    .setOwnerId(owner)
                    .setExpiresAt(Timestamp.newBuilder().setSeconds(now.getEpochSecond() + 30)))
            .build());
  }

  @Override
  public synchronized void releaseReservation(
      ReleaseReservationRequest request, StreamObserver<ReleaseReservationResponse> observer) {
    owners.remove(request.getReservationId(), request.getOwnerId());
    success(observer, ReleaseReservationResponse.getDefaultInstance());
  }

  private static <A> void success(StreamObserver<A> observer, A answer) {
    observer.onNext(answer);
    observer.onCompleted();
  }
}
