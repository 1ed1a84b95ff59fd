package io.turboprop.admin.data;

import static java.time.temporal.ChronoUnit.SECONDS;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.service.DataProxyServiceGrpc;
import flyteidl.service.Dataproxy.ArtifactType;
import flyteidl.service.Dataproxy.CreateDownloadLinkRequest;
import flyteidl.service.Dataproxy.CreateDownloadLinkResponse;
import flyteidl.service.Dataproxy.CreateDownloadLocationRequest;
import flyteidl.service.Dataproxy.CreateDownloadLocationResponse;
import flyteidl.service.Dataproxy.CreateUploadLocationRequest;
import flyteidl.service.Dataproxy.CreateUploadLocationResponse;
import flyteidl.service.Dataproxy.PreSignedURLs;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.executions.ExecutionData;
import io.turboprop.admin.executions.ExecutionService;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.RpcTable;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.SignedRequest;
import io.turboprop.data.UploadTerms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/**
 * Gives clients links to write and read the store's objects.
 *
 * <p>The location of an upload derives only from project, domain, MD5 and file name, because
 * flytekit includes it in the hash that becomes the version of a registered workflow.
 */
public final class DataProxy {
  private static final int MD5_BYTES = 16;

  private final Links links;
  private final DataStore store;
  private final ExecutionService executions;
  private final AdminSettings settings;

  public DataProxy(
      Links links, DataStore store, ExecutionService executions, AdminSettings settings) {
    this.links = links;
    this.store = store;
    this.executions = executions;
    this.settings = settings;
  }

  /** The table of the service. */
  public RpcTable table() {
    var data = new ExecutionData(executions.nodes(), executions.tasks(), this::deckLinks);
    return new RpcTable(DataProxyServiceGrpc.getServiceDescriptor())
        .on(DataProxyServiceGrpc.getCreateUploadLocationMethod(), this::createUploadLocation)
        .on(DataProxyServiceGrpc.getCreateDownloadLocationMethod(), this::createDownloadLocation)
        .on(DataProxyServiceGrpc.getCreateDownloadLinkMethod(), this::createDownloadLink)
        .on(DataProxyServiceGrpc.getGetDataMethod(), data::getData);
  }

  /** Serves the links through this server. */
  public DataTransfer transfer() {
    return new DataTransfer(links, store, settings);
  }

  /**
   * A new place for a file of a page that this server serves, and a link that always leads through
   * this server: the page may send nothing to the store itself, whose origin is another one.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} when a part leads elsewhere
   */
  public UploadPlace uploadThroughServer(String project, String domain, String fileName) {
    var reference =
        destination(
            CreateUploadLocationRequest.newBuilder()
                .setProject(Identifiers.required(project, "project"))
                .setDomain(Identifiers.required(domain, "domain"))
                .setFilenameRoot(UUID.randomUUID().toString())
                .setFilename(Identifiers.required(fileName, "filename"))
                .build());
    var expires = expires(false, Duration.getDefaultInstance());
    return new UploadPlace(links.upload(reference, expires, ""), reference.uri());
  }

  /**
   * Where a file goes.
   *
   * @param url takes the file by PUT
   * @param uri names the file in the store
   */
  public record UploadPlace(String url, String uri) {}

  private DataReference destination(CreateUploadLocationRequest request) {
    return UploadDestination.of(store.base(), settings.links().uploadPrefix(), request);
  }

  private CreateUploadLocationResponse createUploadLocation(CreateUploadLocationRequest request) {
    Identifiers.required(request.getProject(), "project");
    Identifiers.required(request.getDomain(), "domain");
    var md5 = request.getContentMd5().toByteArray();
    if (md5.length == 0 && request.getFilenameRoot().isEmpty()) {
      throw AdminException.invalidArgument("content_md5 or filename_root is required");
    }
    if (md5.length != 0 && md5.length != MD5_BYTES) {
      throw AdminException.invalidArgument("content_md5 has " + md5.length + " bytes, not 16");
    }
    var expires = expires(request.hasExpiresIn(), request.getExpiresIn());
    var reference = destination(request);
    var hex = HexFormat.of().formatHex(md5);
    if (!request.getFilename().isEmpty() && !request.getFilenameRoot().isEmpty()) {
      refuseOther(reference, hex);
    }
    var terms = new UploadTerms(lifeUntil(expires), hex, request.getAddContentMd5Metadata());
    var upload = upload(reference, terms, expires);
    return CreateUploadLocationResponse.newBuilder()
        .setSignedUrl(upload.url())
        .putAllHeaders(upload.headers())
        .setNativeUrl(reference.uri())
        .setExpiresAt(Identifiers.timestamp(expires))
        .build();
  }

  /** An upload to the store itself if it signs requests, else through this server. */
  private SignedRequest upload(DataReference reference, UploadTerms terms, Instant expires) {
    var own = calling(reference, () -> store.signUpload(reference, terms));
    return own.orElseGet(() ->
        new SignedRequest(
            links.upload(reference, expires, terms.md5Hex()),
            terms.md5Hex().isEmpty() ? Map.of() : Map.of("Content-MD5", terms.md5Base64())));
  }

  /** A download from the store itself if it signs requests, else through this server. */
  private String download(DataReference reference, Instant expires) {
    return calling(reference, () -> store.signDownload(reference, lifeUntil(expires)))
        .map(SignedRequest::url)
        .orElseGet(() -> links.download(reference, expires));
  }

  private interface StoreCall<T> {
    T make() throws IOException;
  }

  private static <T> T calling(DataReference reference, StoreCall<T> call) {
    try {
      return call.make();
    } catch (AccessDeniedException denied) {
      throw new AdminException(
          Code.PERMISSION_DENIED, "%s: %s".formatted(reference, denied.getReason()));
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot look at " + reference, failure);
    }
  }

  /** A location that the client has chosen may be overwritten only with the same content. */
  private void refuseOther(DataReference reference, String md5) {
    var stored = calling(reference, () -> store.md5(reference));
    if (stored.isPresent() && !stored.get().equals(md5)) {
      throw AdminException.alreadyExists(
          "there is a file at " + reference + " already, with other content");
    }
  }

  private CreateDownloadLocationResponse createDownloadLocation(
      CreateDownloadLocationRequest request) {
    var expires = expires(request.hasExpiresIn(), request.getExpiresIn());
    var reference =
        new DataReference(Identifiers.required(request.getNativeUrl(), "native_url")).plain();
    return CreateDownloadLocationResponse.newBuilder()
        .setSignedUrl(download(reference, expires))
        .setExpiresAt(Identifiers.timestamp(expires))
        .build();
  }

  private CreateDownloadLinkResponse createDownloadLink(CreateDownloadLinkRequest request) {
    if (request.getArtifactType() != ArtifactType.ARTIFACT_TYPE_DECK) {
      throw AdminException.invalidArgument("invalid value for artifact_type");
    }
    if (!request.hasNodeExecutionId()) {
      throw AdminException.missing("node_execution_id");
    }
    var expires = expires(request.hasExpiresIn(), request.getExpiresIn());
    var urls = deckLinks(knownNode(request.getNodeExecutionId()), expires);
    return CreateDownloadLinkResponse.newBuilder()
        .addAllSignedUrl(urls.getSignedUrlList())
        .setExpiresAt(urls.getExpiresAt())
        .setPreSignedUrls(urls)
        .build();
  }

  private NodeExecution knownNode(NodeExecutionIdentifier id) {
    try {
      return executions
          .nodes()
          .getNodeExecution(NodeExecutionGetRequest.newBuilder().setId(id).build());
    } catch (AdminException refusal) {
      throw refusal.code() == Code.NOT_FOUND
          ? AdminException.invalidArgument("failed to find node execution: " + refusal.getMessage())
          : refusal;
    }
  }

  private PreSignedURLs deckLinks(NodeExecution node) {
    return deckLinks(node, expires(false, Duration.getDefaultInstance()));
  }

  /**
   * Links to a node's deck, always through this server, which serves a deck sandboxed, and which
   * the console may show in a frame; the store itself would serve the deck as a page of its own.
   */
  private PreSignedURLs deckLinks(NodeExecution node, Instant expires) {
    var uri = node.getClosure().getDeckUri();
    if (uri.isEmpty()) {
      throw AdminException.notFound("the node has no deck");
    }
    var reference = new DataReference(uri).plain();
    if (calling(reference, () -> store.size(reference)).isEmpty()) {
      throw AdminException.notFound("the deck does not exist: " + uri);
    }
    return PreSignedURLs.newBuilder()
        .addSignedUrl(links.download(reference, expires))
        .setExpiresAt(Identifiers.timestamp(expires))
        .build();
  }

  private Instant expires(boolean given, Duration duration) {
    var most = settings.links().lifeMax();
    if (!given) {
      return wholeSecond(links.now().plus(most));
    }
    if (!Durations.isValid(duration)
        || !Durations.isPositive(duration)
        || duration.getSeconds() > most.toSeconds()) {
      throw AdminException.invalidArgument(
          "expires_in is not a duration of at most " + most.toSeconds() + " s");
    }
    return wholeSecond(
        links.now().plusSeconds(duration.getSeconds()).plusNanos(duration.getNanos()));
  }

  /** At least a second: signatures count whole seconds. */
  private java.time.Duration lifeUntil(Instant expires) {
    return java.time.Duration.between(links.now(), expires).plusSeconds(1).truncatedTo(SECONDS);
  }

  private static Instant wholeSecond(Instant instant) {
    return Instant.ofEpochSecond(instant.getEpochSecond() + (instant.getNano() > 0 ? 1 : 0));
  }
}
