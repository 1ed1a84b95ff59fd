package io.turboprop.node;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import flyteidl.core.Literals.Literal;
import io.turboprop.data.BindingException;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.LiteralLoader;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.node.NodeInputsReader.Result;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.workflow.plan.Element;
import io.turboprop.workflow.plan.NodeKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Makes the inputs of an element of an array: the element's item of each list, and all other inputs
 * whole.
 *
 * <p>Inputs that were read stay in a bounded cache for a while: all elements of an array need the
 * same lists, and a large list takes long to parse.
 */
final class ElementInputs {
  private static final int KEPT_MAX = 100;
  private static final Duration KEPT = Duration.ofMinutes(1);

  /** A parsed list takes about ten times the memory of its serialized bytes. */
  private static final long OFFLOADED_BYTES_MAX = 128L << 20;

  private final DataStore store;
  private final LiteralLoader loader;
  private final BlockingCalls blocking;
  private final Cache<DataReference, Literals> arrays = kept();
  private final Cache<DataReference, Literal> offloaded = kept();

  ElementInputs(DataStore store, Executor blocking) {
    this.store = store;
    this.loader = LiteralLoader.from(store, OFFLOADED_BYTES_MAX);
    this.blocking = new BlockingCalls(blocking);
  }

  private static <T> Cache<DataReference, T> kept() {
    return Caffeine.newBuilder().maximumSize(KEPT_MAX).expireAfterAccess(KEPT).softValues().build();
  }

  /**
   * Counts the elements of an array with these inputs; may block, since it reads offloaded inputs.
   *
   * @throws IOException for reasons that may pass
   */
  ArraySize size(NodeKind.Array array, Literals inputs) throws IOException {
    return ArraySize.of(array, inputs, this::load);
  }

  /**
   * Caches the inputs of an array at the time they are written, since its elements will need them.
   */
  void remember(DataReference reference, Literals inputs) {
    arrays.put(reference, inputs);
  }

  /**
   * Completes at once if all values are in memory; fails with {@link UncheckedIOException} for
   * reasons that may pass.
   */
  CompletionStage<Result> read(Element element) {
    var inputs = atHand(element.inputs());
    if (inputs.isPresent()) {
      try {
        return CompletableFuture.completedFuture(
            new Result.Inputs(part(element, inputs.orElseThrow(), this::remembered)));
      } catch (BindingException | IOException _) {
        return later(element);
      }
    }
    return later(element);
  }

  private CompletionStage<Result> later(Element element) {
    return blocking.call(() -> {
      try {
        return new Result.Inputs(part(element, literals(element.inputs()), this::load));
      } catch (BindingException | IllegalArgumentException e) {
        return new Result.Impossible(String.valueOf(e.getMessage()));
      }
    });
  }

  private static Literals part(Element element, Literals inputs, LiteralLoader loader)
      throws BindingException, IOException {
    var part = new LinkedHashMap<String, Literal>();
    for (var input : inputs.map().getLiteralsMap().entrySet()) {
      var whole = element.array().boundInputs().contains(input.getKey());
      part.put(
          input.getKey(),
          whole ? input.getValue() : part(element, input.getKey(), input.getValue(), loader));
    }
    return Literals.of(part);
  }

  private static Literal part(Element element, String name, Literal input, LiteralLoader loader)
      throws BindingException, IOException {
    var value = ArraySize.loaded(input, loader);
    if (!value.hasCollection()) {
      return input;
    }
    var list = value.getCollection();
    if (element.index() >= list.getLiteralsCount()) {
      throw new BindingException(
          "the input '%s' has no element %d".formatted(name, element.index()));
    }
    return list.getLiterals(element.index());
  }

  private Optional<Literals> atHand(Values values) {
    return switch (values) {
      case Values.Inline(var literals) -> Optional.of(literals);
      case Values.Stored(var reference) -> Optional.ofNullable(arrays.getIfPresent(reference));
    };
  }

  /** The engine wrote this file itself, so the file may be as large as all its parts together. */
  private Literals literals(Values values) throws BindingException, IOException {
    return switch (values) {
      case Values.Inline(var literals) -> literals;
      case Values.Stored(var reference) ->
          once(arrays, reference, place -> Literals.parse(store.read(place, Long.MAX_VALUE)));
    };
  }

  private Literal remembered(DataReference reference) throws BindingException {
    var known = offloaded.getIfPresent(reference);
    if (known == null) {
      throw new BindingException("the literal at " + reference + " has to be loaded first");
    }
    return known;
  }

  private Literal load(DataReference reference) throws BindingException, IOException {
    return once(offloaded, reference, loader::load);
  }

  private interface Reading<T> {
    T read(DataReference place) throws BindingException, IOException;
  }

  /** Carries a checked exception out of the cache's loader. */
  private static final class ReadingFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ReadingFailed(Exception cause) {
      super(cause);
    }
  }

  /**
   * A thousand elements may ask at the same time; the first reads, and the others wait for its
   * result.
   */
  private static <T> T once(Cache<DataReference, T> cache, DataReference place, Reading<T> reading)
      throws BindingException, IOException {
    try {
      return cache.get(
          place,
          wanted -> {
            try {
              return reading.read(wanted);
            } catch (BindingException | IOException e) {
              throw new ReadingFailed(e);
            }
          });
    } catch (ReadingFailed e) {
      if (e.getCause() instanceof BindingException never) {
        throw never;
      }
      throw new IOException(e.getCause());
    }
  }
}
