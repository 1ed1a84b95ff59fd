package io.turboprop.cli;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
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

  private static final String HELP = "help";

  private TurbopropCommand() {}

  /**
   * Does what the arguments say.
   *
   * @return the exit code of the process: 0 for success, 2 for wrong usage, else 1
   */
  public static int run(Engine.Starter starter, String... arguments) {
    // All commands need the settings; they are read while the command line is built.
    Thread.ofPlatform().daemon().name("load-settings").start(TurbopropCommand::loadDefaults);
    var commandLine = commandLine(starter, arguments);
    try {
      Logging.check();
    } catch (IllegalArgumentException wrong) {
      Explanation.print(wrong, commandLine.getErr());
      return ExitCode.USAGE;
    }
    return commandLine.execute(arguments);
  }

  private static void loadDefaults() {
    try {
      ConfigFactory.defaultReference();
    } catch (ConfigException _) {
      // The command meets it again, and explains it.
    }
  }

  /**
   * The command line with the subcommand that the first argument names, or with all of them: to
   * read the options of all takes a tenth of a second.
   */
  static CommandLine commandLine(Engine.Starter starter, String... arguments) {
    var commands = commands(starter);
    var commandLine = new CommandLine(new TurbopropCommand());
    var first = arguments.length == 0 ? HELP : arguments[0];
    var named = first.equals(HELP) ? null : commands.get(first);
    if (named == null) {
      commands.values().forEach(command -> commandLine.addSubcommand(command.get()));
    } else {
      commandLine.addSubcommand(named.get());
    }
    return commandLine
        .setUsageHelpAutoWidth(true)
        .registerConverter(Path.class, new GivenPath())
        .setParameterExceptionHandler((wrong, _) -> explainUsage(wrong))
        .setExecutionExceptionHandler((thrown, command, _) -> {
          LOG.debug("the command failed", thrown);
          Explanation.print(thrown, command.getErr());
          return ExitCode.SOFTWARE;
        });
  }

  /** All commands by their names, in the order of the help. */
  private static Map<String, Supplier<Object>> commands(Engine.Starter starter) {
    var commands = new LinkedHashMap<String, Supplier<Object>>();
    commands.put("dev", () -> new DevCommand(starter));
    commands.put("server", () -> new ServerCommand(starter));
    commands.put("demo", () -> new DemoCommand(starter));
    commands.put("show", ShowCommand::new);
    commands.put("compile", CompileCommand::new);
    commands.put("doctor", DoctorCommand::new);
    commands.put("replay", ReplayCommand::new);
    commands.put("parked", ParkedCommand::new);
    commands.put("unpark", UnparkCommand::new);
    commands.put("postgres", PostgresCommand::new);
    // Not a method reference: the JVM can't write one to a class of such an old format into the
    // cache for a fast start, and crashes.
    commands.put(HELP, () -> new CommandLine.HelpCommand());
    return commands;
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
