package io.turboprop.cli;

import io.turboprop.doctor.Doctor;
import io.turboprop.doctor.Finding.Verdict;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what is wrong with an installation. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Examines whether an engine could run with these settings: the settings themselves, PostgreSQL,"
          + " the blob store, the cluster, the ports, the Kubernetes API. Says what is wrong and what to do. It works"
          + " beside a running engine and changes nothing."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:nothing is wrong; there may be warnings",
      "1:there are problems",
      "2:wrong usage"
    })
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataFlags flags = new DataFlags();

  @Override
  public Integer call() throws IOException {
    var out = spec.commandLine().getOut();
    var problems = 0;
    for (var finding : Doctor.examine(flags.options().config().getConfig("turboprop"))) {
      out.println(
          "%-7s  %-10s  %s".formatted(label(finding.verdict()), finding.subject(), finding.text()));
      problems += finding.verdict() == Verdict.PROBLEM ? 1 : 0;
    }
    out.println(problems == 1 ? "1 problem" : problems + " problems");
    return problems == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private static String label(Verdict verdict) {
    return switch (verdict) {
      case OK -> "ok";
      case WARNING -> "warning";
      case PROBLEM -> "PROBLEM";
    };
  }
}
