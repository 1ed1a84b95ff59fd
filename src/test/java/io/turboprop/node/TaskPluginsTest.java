package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginProvider;
import io.turboprop.plugin.TaskTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class TaskPluginsTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void allPluginsAreClosedEvenIfOneFails() {
    TaskPlugins.of(new Closing("a", false), new Closing("b", true), new Closing("c", false))
        .close();
    assertThat(closed).containsExactly("a", "b", "c");
  }

  @Test
  void onlyTheWantedPluginsAreMade() {
    var made = new ArrayList<String>();
    var plugins =
        TaskPlugins.load(
            ConfigFactory.load().getConfig("turboprop"),
            TaskPluginProvider::isBoundToMachine,
            (provider, _) -> {
              made.add(provider.id());
              return new Closing(provider.id(), false);
            });

    assertThat(made).containsExactly("local");
    assertThat(plugins.all()).extracting(TaskPlugin::id).containsExactly("local");
    assertThat(plugins.find("python-task")).isPresent();
  }

  private final class Closing implements TaskPlugin {
    private final String id;
    private final boolean fails;

    Closing(String id, boolean fails) {
      this.id = id;
      this.fails = fails;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
      return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    @Override
    public CompletionStage<Void> abort(TaskContext task, ByteString state) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> finish(TaskContext task, ByteString state) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
      closed.add(id);
      if (fails) {
        throw new IllegalStateException("it can't be closed");
      }
    }
  }
}
