package io.turboprop.cli;

import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.cli.progress.ExecutionReader;
import io.turboprop.cli.progress.ExecutionView;
import io.turboprop.cli.progress.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The demo for newcomers: registers and runs a workflow with Flyte's own client. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts an engine of its own, and has Flyte's client register and run the workflow in"
          + " deploy/demo/training.py there. Shows its progress, its tree of nodes and its outputs."
          + " Ends with 0 only if it has succeeded.",
      "",
      "The first time, flytekit is installed into .turboprop/venv."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  turboprop demo",
      "  turboprop demo --hyperparameters '{\"C\": -1}'     see a failure",
      "  turboprop demo --data /tmp/demo                  where the project's folder is read-only"
    })
final class DemoCommand implements Callable<Integer> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final String WORKFLOW = "training_workflow";
  private static final String PROJECT = "flytesnacks";
  private static final String DOMAIN = "development";

  private final Engine.Starter starter;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--hyperparameters",
      paramLabel = "JSON",
      defaultValue = "{\"C\": 0.4}",
      description = "The workflow's input; default: ${DEFAULT-VALUE}.")
  private String hyperparameters = "";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the engine keeps its data; default: .turboprop/demo.")
  private @Nullable Path data;

  DemoCommand(Engine.Starter starter) {
    this.starter = starter;
  }

  @Override
  public Integer call() throws Exception {
    var home = EngineFlags.home();
    var folder = folder(home);
    var environment = ProjectPythonEnvironment.ofProject(home);
    say("starting an engine in " + folder);
    var engine = Serving.start(starter, options(folder, environment));
    var id = newExecution();
    var workflow = home.resolve("deploy", "demo", "training.py").toString();
    var arguments = List.of(workflow, WORKFLOW, "--hyperparameters", hyperparameters);
    say(
        "pyflyte run --remote '%s' %s --hyperparameters '%s'"
            .formatted(workflow, WORKFLOW, hyperparameters));
    var reader = ExecutionReader.at(engine.endpoint());
    try (var pyflyte =
        PyflyteRun.start(environment, engine.endpoint(), folder, id.getName(), arguments)) {
      var ended = follow(id, reader, pyflyte);
      return ended.map(view -> report(view, id, reader)).orElse(ExitCode.SOFTWARE);
    }
  }

  private Path folder(Path home) throws IOException {
    var folder = data == null ? home.resolve(".turboprop", "demo") : data.toAbsolutePath();
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException("can't make the folder of the demo's data, " + folder, e);
    }
  }

  private static EngineOptions options(Path folder, Path environment) throws IOException {
    return EngineOptions.load(
        Map.of(
            EngineOptions.PORT, 0,
            EngineOptions.DIRECTORY, folder.resolve("data").toString(),
            PythonSetting.NAME, environment.toString()),
        Map.of());
  }

  private Optional<ExecutionView> follow(
      WorkflowExecutionIdentifier id, ExecutionReader reader, PyflyteRun pyflyte)
      throws InterruptedException {
    var display = Terminal.display();
    while (true) {
      var view = reader.read(id);
      if (view.filter(seen -> seen.phase().isFinal()).isPresent()) {
        view.ifPresent(display::end);
        return view;
      }
      view.ifPresent(display::show);
      if (view.isEmpty() && pyflyte.hasFailed()) {
        say("pyflyte has failed:\n" + pyflyte.printed());
        return Optional.empty();
      }
      Thread.sleep(LOOK_EVERY);
    }
  }

  private int report(ExecutionView view, WorkflowExecutionIdentifier id, ExecutionReader reader) {
    var out = spec.commandLine().getOut();
    ExecutionReport.print(view, id, reader, out);
    if (view.phase() != Phase.SUCCEEDED) {
      return ExitCode.SOFTWARE;
    }
    say("Next: 'deploy/turboprop dev', and your own workflows.");
    return ExitCode.OK;
  }

  private static WorkflowExecutionIdentifier newExecution() {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject(PROJECT)
        .setDomain(DOMAIN)
        .setName("demo" + Instant.now().toEpochMilli())
        .build();
  }

  private void say(String line) {
    var err = spec.commandLine().getErr();
    err.println("turboprop: " + line);
    err.flush();
  }
}
