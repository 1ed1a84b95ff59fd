package io.turboprop.cli;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;

/** The command line as a whole. Standard output is for results; everything else is on stderr. */
@Command(
    name = "turboprop",
    mixinStandardHelpOptions = true,
    versionProvider = TurbopropCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "A durable, fast engine for Flyte workflows.",
      "",
      "Turboprop takes workflows from Flyte's own clients (pyflyte, FlyteRemote, flytectl, curl) and"
          + " runs them. Every step is stored before the next begins: after a crash it goes on"
          + " where it was."
    },
    commandListHeading = "%nCommands:%n",
    footerHeading = "%nTo begin with:%n",
    footer = {
      "  deploy/turboprop demo                 see a workflow run",
      "  deploy/turboprop dev                  an engine here, for your workflows",
      "  pyflyte run --remote FILE WORKFLOW    in another terminal: runs one",
      "",
      "'turboprop COMMAND --help' explains a command."
    })
public final class TurbopropCommand {
  private static final Logger LOG = LoggerFactory.getLogger(TurbopropCommand.class);

  private TurbopropCommand() {}

  /**
   * Does what the arguments say.
   *
   * @return the exit code of the process: 0 for success, 2 for wrong usage, else 1
   */
  public static int run(Engine.Starter starter, String... arguments) {
    var commandLine = commandLine(starter);
    try {
      Logging.check();
    } catch (IllegalArgumentException wrong) {
      Explanation.print(wrong, commandLine.getErr());
      return ExitCode.USAGE;
    }
    return commandLine.execute(arguments);
  }

  static CommandLine commandLine(Engine.Starter starter) {
    return new CommandLine(new TurbopropCommand())
        .addSubcommand(new DevCommand(starter))
        .addSubcommand(new ServerCommand(starter))
        .addSubcommand(new DemoCommand(starter))
        .addSubcommand(new ShowCommand())
        .addSubcommand(new CompileCommand())
        .addSubcommand(new DoctorCommand())
        .addSubcommand(new ReplayCommand())
        .addSubcommand(new ParkedCommand())
        .addSubcommand(new UnparkCommand())
        .addSubcommand(new PostgresCommand())
        .addSubcommand(new CommandLine.HelpCommand())
        .setUsageHelpAutoWidth(true)
        .registerConverter(Path.class, new GivenPath())
        .setParameterExceptionHandler((wrong, _) -> explainUsage(wrong))
        .setExecutionExceptionHandler((thrown, command, _) -> {
          LOG.debug("the command failed", thrown);
          Explanation.print(thrown, command.getErr());
          return ExitCode.SOFTWARE;
        });
  }

  /** The error comes last, where the eye is. */
  private static int explainUsage(ParameterException wrong) {
    var command = wrong.getCommandLine();
    var err = command.getErr();
    err.print(command.getHelp().synopsisHeading() + command.getHelp().synopsis(0));
    err.println("'%s --help' explains it.".formatted(command.getCommandSpec().qualifiedName()));
    err.println("turboprop: " + wrong.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
    err.flush();
    return ExitCode.USAGE;
  }

  /** Reads the version that the build wrote into the jar. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      var version = TurbopropCommand.class.getPackage().getImplementationVersion();
      return new String[] {"turboprop " + (version == null ? "(not packaged)" : version)};
    }
  }
}
