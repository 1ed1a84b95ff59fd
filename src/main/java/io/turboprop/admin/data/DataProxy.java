package io.turboprop.admin.data;

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
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;

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
    var reference = UploadDestination.of(store.base(), settings.links().uploadPrefix(), request);
    var hex = HexFormat.of().formatHex(md5);
    if (!request.getFilename().isEmpty() && !request.getFilenameRoot().isEmpty()) {
      refuseOther(reference, hex);
    }
    var answer =
        CreateUploadLocationResponse.newBuilder()
            .setSignedUrl(links.upload(reference, expires, hex))
            .setNativeUrl(reference.uri())
            .setExpiresAt(Identifiers.timestamp(expires));
    if (md5.length > 0) {
      answer.putHeaders("Content-MD5", Base64.getEncoder().encodeToString(md5));
    }
    return answer.build();
  }

  /** A location that the client has chosen may be overwritten only with the same content. */
  private void refuseOther(DataReference reference, String md5) {
    try {
      if (store.size(reference).isEmpty()) {
        return;
      }
      if (md5.isEmpty() || !md5(reference).equals(md5)) {
        throw AdminException.alreadyExists(
            "there is a file at " + reference + " already, with other content");
      }
    } catch (AccessDeniedException denied) {
      throw new AdminException(Code.PERMISSION_DENIED, reference + " is no place for uploads");
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot look at " + reference, failure);
    }
  }

  private String md5(DataReference reference) throws IOException {
    try (var content = new Md5InputStream(store.open(reference), "")) {
      content.transferTo(OutputStream.nullOutputStream());
      return content.md5();
    }
  }

  private CreateDownloadLocationResponse createDownloadLocation(
      CreateDownloadLocationRequest request) {
    var expires = expires(request.hasExpiresIn(), request.getExpiresIn());
    var reference =
        new DataReference(Identifiers.required(request.getNativeUrl(), "native_url")).plain();
    return CreateDownloadLocationResponse.newBuilder()
        .setSignedUrl(links.download(reference, expires))
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

  private PreSignedURLs deckLinks(NodeExecution node, Instant expires) {
    var uri = node.getClosure().getDeckUri();
    if (uri.isEmpty()) {
      throw AdminException.notFound("the node has no deck");
    }
    var reference = new DataReference(uri).plain();
    try {
      if (store.size(reference).isEmpty()) {
        throw AdminException.notFound("the deck does not exist: " + uri);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("cannot look at " + uri, failure);
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

  private static Instant wholeSecond(Instant instant) {
    return Instant.ofEpochSecond(instant.getEpochSecond() + (instant.getNano() > 0 ? 1 : 0));
  }
}
