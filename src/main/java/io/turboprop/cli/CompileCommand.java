package io.turboprop.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import flyteidl.core.IdentifierOuterClass.Identifier;
import io.turboprop.compiler.CompilerError;
import io.turboprop.compiler.CompilerResult;
import io.turboprop.compiler.MalformedSourceException;
import io.turboprop.compiler.SourceReader;
import io.turboprop.compiler.Sources;
import io.turboprop.compiler.TaskCompiler;
import io.turboprop.compiler.TaskResult;
import io.turboprop.compiler.WorkflowCompiler;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compiles workflows from files, without a server: what registration would accept or refuse. */
@Command(
    name = "compile",
    mixinStandardHelpOptions = true,
    description = {
      "Compiles workflows and prints their compiled closures, or everything that is wrong.",
      "",
      "All files form one set: a workflow may refer to tasks and launch plans in other files.",
      "On success the compiled closure goes to standard output as proto3 JSON: one document for"
          + " one workflow, an array of them for several, compiled tasks if there is no workflow.",
      "On failure standard output stays empty, and all errors go to standard error."
    },
    footerHeading = "%nExample:%n",
    footer = {
      "  pyflyte --pkgs PACKAGE package --image IMAGE -f -o flyte-package.tgz",
      "  turboprop compile flyte-package.tgz"
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:everything compiles", "1:something does not, or a file cannot be read"})
public final class CompileCommand implements Callable<Integer> {
  private static final JsonFormat.Printer JSON = JsonFormat.printer();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "A pyflyte package (.tgz), or a serialised task, workflow, workflow closure or launch"
              + " plan (.json as proto3 JSON, any other name in binary).")
  private List<Path> files = List.of();

  private final List<Message> compiled = new ArrayList<>();
  private boolean failed;

  @Override
  public Integer call() throws InvalidProtocolBufferException {
    try {
      compile(SourceReader.read(files));
    } catch (MalformedSourceException e) {
      fail(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    if (failed) {
      return 1;
    }
    print();
    return 0;
  }

  private void compile(Sources sources) {
    var tasks = new ArrayList<Message>();
    for (var task : sources.tasks()) {
      switch (TaskCompiler.compile(task)) {
        case TaskResult.Compiled(var message) -> tasks.add(message);
        case TaskResult.Rejected(var errors) -> fail("task", task.getId(), errors);
      }
    }
    for (var workflow : sources.workflows()) {
      switch (WorkflowCompiler.compile(sources.sourceOf(workflow))) {
        case CompilerResult.Compiled(var closure) -> compiled.add(closure);
        case CompilerResult.Rejected(var errors) ->
            fail("workflow", workflow.template().getId(), errors);
      }
    }
    if (sources.workflows().isEmpty()) {
      compiled.addAll(tasks);
    }
    if (compiled.isEmpty() && !failed) {
      fail("no workflow and no task in these files");
    }
  }

  private void fail(String kind, Identifier id, List<CompilerError> errors) {
    fail(
        "%s %s does not compile:%n%s"
            .formatted(kind, id.getName(), CompilerError.render(errors).indent(2).stripTrailing()));
  }

  private void fail(String message) {
    failed = true;
    var err = spec.commandLine().getErr();
    err.println(message);
    err.flush();
  }

  private void print() throws InvalidProtocolBufferException {
    PrintWriter out = spec.commandLine().getOut();
    if (compiled.size() == 1) {
      out.println(JSON.print(compiled.getFirst()));
    } else {
      var documents = new ArrayList<String>();
      for (var message : compiled) {
        documents.add(JSON.print(message));
      }
      out.println("[" + String.join(",\n", documents) + "]");
    }
    out.flush();
  }
}
