package io.turboprop.node;

import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.Layout;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.workflow.entity.Assignment;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the decks of reused nodes, because the earlier execution may be deleted before the later
 * one. FlytePropeller refers to the original deck.
 *
 * @param blocking the threads that copy
 */
record DeckCopies(DataStore store, Layout layout, BlockingCalls blocking) {
  private static final Logger LOG = LoggerFactory.getLogger(DeckCopies.class);

  /**
   * Copies a deck to the place of the attempt's own deck.
   *
   * @param deckUri a deck of any size; it may be deleted already
   * @return where the copy is; empty when there is none, or when it can't be copied
   */
  CompletionStage<Optional<String>> copy(Optional<String> deckUri, Assignment assignment) {
    return deckUri
        .map(DataReference::new)
        .<CompletionStage<Optional<String>>>map(deck ->
            blocking.call(() -> copied(deck, TaskFiles.of(layout, assignment).own().deck())))
        .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
  }

  private Optional<String> copied(DataReference deck, DataReference own) {
    try {
      store.copy(deck, own);
      return Optional.of(own.uri());
    } catch (IOException | RuntimeException e) {
      LOG.warn("the deck {} is left out: it can't be copied", deck, e);
      return Optional.empty();
    }
  }
}
