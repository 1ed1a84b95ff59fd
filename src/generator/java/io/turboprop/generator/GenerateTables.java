package io.turboprop.generator;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.turboprop.postgres.EmbeddedPostgresServer;
import io.turboprop.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jooq.Constants;
import org.jooq.codegen.GenerationTool;
import org.jooq.meta.jaxb.Configuration;
import org.jooq.meta.jaxb.Database;
import org.jooq.meta.jaxb.ForcedType;
import org.jooq.meta.jaxb.Generate;
import org.jooq.meta.jaxb.Generator;
import org.jooq.meta.jaxb.Jdbc;
import org.jooq.meta.jaxb.Logging;
import org.jooq.meta.jaxb.Target;
import org.slf4j.LoggerFactory;

/**
 * Generates jOOQ's classes of the tables ({@code io.turboprop.store.jooq}) in the build.
 *
 * <p>It starts the engine's own embedded PostgreSQL on an empty folder, lets Flyway apply the
 * migration scripts, and lets jOOQ read the catalog. So the generated classes agree with the server
 * that will run the scripts. This takes some seconds, and happens only after a script, the version
 * of jOOQ or this class has changed: the file {@code stamp} beside the generated classes holds all
 * of them.
 */
final class GenerateTables {
  private static final String PACKAGE = "io.turboprop.store.jooq";

  private GenerateTables() {}

  /**
   * @param arguments the folder of migration scripts, the source of this class, the folder for the
   *     generated sources, and a folder for the server, which is deleted at the end
   */
  public static void main(String[] arguments) throws Exception {
    var scripts = Path.of(arguments[0]);
    var sources = Path.of(arguments[2]);
    var stamp = sources.resolve("stamp");
    var wanted = inputs(scripts, Path.of(arguments[1]));
    if (Files.exists(stamp) && Files.readString(stamp).equals(wanted)) {
      return;
    }
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    delete(sources);
    generate(scripts, sources, Path.of(arguments[3]));
    Files.writeString(stamp, wanted);
  }

  /** All that the generated classes depend on. */
  private static String inputs(Path scripts, Path generator) throws IOException {
    var text = new StringBuilder("jOOQ ").append(Constants.FULL_VERSION).append('\n');
    var files = new ArrayList<>(List.of(generator));
    try (var found = Files.list(scripts)) {
      found.sorted().forEach(files::add);
    }
    for (var file : files) {
      text.append("-- ").append(file.getFileName()).append('\n').append(Files.readString(file));
    }
    return text.toString();
  }

  private static void generate(Path scripts, Path sources, Path folder) throws Exception {
    delete(folder);
    var binaries = Path.of(System.getProperty("user.home"), ".cache", "turboprop", "postgresql");
    var settings = new PostgresServer.Embedded(folder, binaries, 0, Map.of());
    try (var server = EmbeddedPostgresServer.start(settings)) {
      var address = server.address();
      Flyway.configure()
          .dataSource(address.url(), address.user(), address.password())
          .locations("filesystem:" + scripts)
          // as io.turboprop.store.Migrations: an index that is built concurrently waits for
          // transactions
          .configuration(Map.of("flyway.postgresql.transactional.lock", "false"))
          .load()
          .migrate();
      GenerationTool.generate(configuration(address, sources));
    }
    delete(folder);
  }

  private static Configuration configuration(PostgresServer.External address, Path sources) {
    var database =
        new Database()
            .withInputSchema("public")
            .withOutputSchemaToDefault(true)
            .withExcludes("flyway_schema_history")
            .withIncludeRoutines(false)
            .withForcedTypes(
                new ForcedType().withName("INTEGER").withIncludeTypes("smallint"),
                new ForcedType().withName("INSTANT").withIncludeTypes("timestamp.with.time.zone"));
    return new Configuration()
        .withLogging(Logging.WARN)
        .withJdbc(
            new Jdbc()
                .withUrl(address.url())
                .withUser(address.user())
                .withPassword(address.password()))
        .withGenerator(
            new Generator()
                .withDatabase(database)
                .withGenerate(
                    new Generate()
                        .withGeneratedAnnotation(true)
                        .withImplicitJoinPathsToOne(false)
                        .withImplicitJoinPathsToMany(false))
                .withTarget(
                    new Target().withPackageName(PACKAGE).withDirectory(sources.toString())));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (var paths = Files.walk(folder)) {
      deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (var path : deepestFirst) {
      Files.delete(path);
    }
  }
}
