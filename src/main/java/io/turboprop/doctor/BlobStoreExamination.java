package io.turboprop.doctor;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.SignedRequest;
import io.turboprop.data.StoreIdentity;
import io.turboprop.data.object.ConfiguredStores;
import io.turboprop.data.object.ObjectSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Whether the blob store can be written and read, by the engine and by signed links. */
final class BlobStoreExamination {
  private static final String SUBJECT = "blob store";
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final ByteString CONTENT =
      ByteString.copyFromUtf8("written by turboprop doctor\n");

  private BlobStoreExamination() {}

  static void examine(
      DataSettings settings,
      ObjectSettings objects,
      boolean isStandalone,
      Optional<UUID> theirs,
      List<Finding> findings) {
    try {
      var store = ConfiguredStores.open(settings, objects);
      var object = store.base().child("doctor-" + UUID.randomUUID());
      try {
        writeAndRead(store, object, findings);
        links(store, object, findings);
      } finally {
        store.delete(object);
      }
      if (!isStandalone) {
        sharing(store, theirs, findings);
      }
    } catch (IOException | IllegalArgumentException e) {
      findings.add(
          Finding.problem(
              SUBJECT,
              "%s can't be used: %s. Correct turboprop.data.base, or the permissions there"
                  .formatted(settings.base().uri(), e.getMessage())));
    }
  }

  /**
   * Whether this is the store of the other nodes.
   *
   * @param theirs the id of the store of the nodes that have run on the database
   */
  private static void sharing(DataStore store, Optional<UUID> theirs, List<Finding> findings)
      throws IOException {
    if (theirs.isPresent() && !StoreIdentity.read(store).equals(theirs)) {
      findings.add(
          Finding.problem(
              SUBJECT,
              ("%s is not the blob store of the other nodes: give all nodes the same turboprop.data.base,"
                      + " a folder that they share or a bucket")
                  .formatted(store.base().uri())));
    } else if (store.localFolder(store.base()).isPresent()) {
      findings.add(
          Finding.warning(
              SUBJECT,
              "turboprop.data.base is a folder (%s): all nodes have to share it"
                  .formatted(store.base().uri())));
    }
  }

  private static void writeAndRead(DataStore store, DataReference object, List<Finding> findings)
      throws IOException {
    store.write(object, CONTENT);
    if (!store.read(object, CONTENT.size()).equals(CONTENT)) {
      throw new IOException("what was written is read back otherwise");
    }
    findings.add(Finding.ok(SUBJECT, "%s can be written and read".formatted(store.base().uri())));
  }

  private static void links(DataStore store, DataReference object, List<Finding> findings)
      throws IOException {
    var signed = store.signDownload(object, Duration.ofMinutes(1));
    if (signed.isEmpty()) {
      findings.add(Finding.ok("links", "uploads and downloads go through the engine's own links"));
      return;
    }
    var status = status(signed.orElseThrow());
    findings.add(
        status == 200
            ? Finding.ok("links", "a link that the blob store has signed can be read")
            : Finding.problem(
                "links",
                ("a signed link answers %d instead of 200: correct the credentials or the clock, and the"
                        + " endpoint that clients reach (turboprop.data.s3.public-endpoint)")
                    .formatted(status)));
  }

  private static int status(SignedRequest signed) throws IOException {
    var request = HttpRequest.newBuilder(URI.create(signed.url())).timeout(REQUEST_TIMEOUT);
    signed.headers().forEach(request::header);
    try (var client = HttpClient.newBuilder().connectTimeout(REQUEST_TIMEOUT).build()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
