package io.turboprop.node;

import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralOffloadedMetadata;
import io.turboprop.catalog.ObjectHash;
import io.turboprop.compiler.LiteralTypes;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.LiteralOffloading;
import io.turboprop.data.Literals;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Offloads the largest output lists of a map to files beside the literal map ({@code
 * Literal.offloaded_metadata}), until the remaining map can be read whole.
 */
final class OffloadedLists {
  private final DataStore store;
  private final LiteralOffloading offloading;

  OffloadedLists(DataStore store, LiteralOffloading offloading) {
    this.store = store;
    this.offloading = offloading;
  }

  /** The largest outputs of all elements of a map together. */
  long sizeBytesMax(long readBytesMax) {
    return offloading.enabled() ? Math.max(readBytesMax, offloading.mapBytesMax()) : readBytesMax;
  }

  /**
   * Writes the lists that have to be offloaded; blocks.
   *
   * @param prefix the folder of the outputs
   * @param sizeBytesMax the largest literal map that may remain
   */
  Literals fitted(Literals outputs, DataReference prefix, long sizeBytesMax) throws IOException {
    var left = new LinkedHashMap<>(outputs.map().getLiteralsMap());
    var sizeBytes = (long) outputs.sizeBytes();
    for (var largest : largestFirst(outputs.map().getLiteralsMap())) {
      if (sizeBytes > sizeBytesMax) {
        var name = largest.getKey();
        var list = largest.getValue();
        var offloaded = offloaded(name, list, prefix);
        left.put(name, offloaded);
        sizeBytes += offloaded.getSerializedSize() - list.getSerializedSize();
      }
    }
    return Literals.of(left);
  }

  private static List<Map.Entry<String, Literal>> largestFirst(Map<String, Literal> literals) {
    return literals.entrySet().stream()
        .sorted(
            Comparator.comparing(
                    (Map.Entry<String, Literal> each) -> each.getValue().getSerializedSize())
                .reversed())
        .toList();
  }

  private Literal offloaded(String name, Literal list, DataReference prefix) throws IOException {
    var file = prefix.child(name + "_offloaded_metadata.pb");
    var bytes = list.toByteString();
    store.write(file, bytes);
    var metadata =
        LiteralOffloadedMetadata.newBuilder().setUri(file.uri()).setSizeBytes(bytes.size());
    LiteralTypes.infer(list).ifPresent(metadata::setInferredType);
    return Literal.newBuilder()
        .setOffloadedMetadata(metadata)
        .setHash(ObjectHash.ofContent(bytes))
        .build();
  }
}
