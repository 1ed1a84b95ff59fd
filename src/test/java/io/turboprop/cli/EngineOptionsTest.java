package io.turboprop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineOptionsTest {
  @TempDir private Path folder;

  private final Properties propertiesOfTheTests = (Properties) System.getProperties().clone();

  @AfterEach
  void resetProperties() {
    System.setProperties(propertiesOfTheTests);
    ConfigFactory.invalidateCaches();
  }

  @Test
  void withoutAnythingTheDefaultsHold() throws IOException {
    var options = EngineOptions.load(Map.of(), Map.of());

    assertThat(options.port()).isEqualTo(30080);
    assertThat(options.directory()).isAbsolute().endsWithRaw(Path.of(".turboprop", "data"));
  }

  @Test
  void flagsWinOverFilesAndFilesOverGuesses() throws IOException {
    var file = write("turboprop.admin { port = 1, host = file }");

    var options =
        EngineOptions.load(
            Map.of("turboprop.admin.port", 2),
            Map.of("turboprop.admin.host", "guess", "turboprop.further", "guess"),
            file);

    assertThat(options.port()).isEqualTo(2);
    assertThat(options.config().getString("turboprop.admin.host")).isEqualTo("file");
    assertThat(options.config().getString("turboprop.further")).isEqualTo("guess");
  }

  @Test
  void theDatabaseLiesInTheDirectory() throws IOException {
    var options = EngineOptions.load(Map.of(EngineOptions.DIRECTORY, "/data"), Map.of());

    assertThat(options.config().getString("turboprop.store.embedded.folder"))
        .isEqualTo("/data/postgresql");
  }

  @Test
  void whatIsWrongWithAFileIsSaid() throws IOException {
    var malformed = write("turboprop { port = ");

    assertThatThrownBy(() -> EngineOptions.load(Map.of(), Map.of(), folder.resolve("absent")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("absent");
    assertThatThrownBy(() -> EngineOptions.load(Map.of(), Map.of(), malformed))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("settings.conf");
  }

  @Test
  void aSettingThatDoesNotExistIsRefusedWithTheNearestOne() throws IOException {
    var file = write("turboprop.admin { prot = 8089 }");

    assertThatThrownBy(() -> EngineOptions.load(Map.of(), Map.of(), file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("settings.conf: 1")
        .hasMessageContaining(
            "no setting 'turboprop.admin.prot'; is 'turboprop.admin.port' meant?");
  }

  @ParameterizedTest
  @CsvSource({
    "turboprop.admin.prot, turboprop.admin.port",
    "turboprop.log.levle, turboprop.log.level"
  })
  void aSystemPropertyThatIsNoSettingIsRefusedLikewise(String property, String meant) {
    setProperty(property);

    assertThatThrownBy(() -> EngineOptions.load(Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("system properties")
        .hasMessageContaining("no setting '%s'; is '%s' meant?".formatted(property, meant));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "turboprop.home",
        "turboprop.log.level",
        "turboprop.terminal.rows",
        "turboprop.plugins.local.environment.MINE"
      })
  void whatTheLauncherSaysAndTheUsersOwnNamesMayBeProperties(String property) throws IOException {
    setProperty(property);

    assertThat(EngineOptions.load(Map.of(), Map.of()).config().hasPath(property)).isTrue();
  }

  @Test
  void aMisspeltRootIsRefusedInAFileAndAsAProperty() throws IOException {
    var file = write("turbopropp { admin { port = 3 } }, of-somebody-else { a = 1 }");

    assertThatThrownBy(() -> EngineOptions.load(Map.of(), Map.of(), file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("settings.conf")
        .hasMessageContaining("no settings of 'turbopropp'; is 'turboprop' meant?");
    setProperty("turboprp.admin.port");
    assertThatThrownBy(() -> EngineOptions.load(Map.of(), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no settings of 'turboprp'");
  }

  @Test
  void sectionsOfTheUsersOwnMayHaveAnyNames() throws IOException {
    var file =
        write(
            "turboprop.plugins.local { images { \"cr.example.org/a:1\" = /venv }, secrets { X = y } }");

    assertThat(EngineOptions.load(Map.of(), Map.of(), file).config().hasPath("turboprop")).isTrue();
  }

  @Test
  void aPortThatCannotBeIsRefused() {
    assertThatThrownBy(() -> EngineOptions.load(Map.of(EngineOptions.PORT, 99_999), Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("99999 is not between 0 and 65535");
  }

  private static void setProperty(String name) {
    System.setProperty(name, "1");
    ConfigFactory.invalidateCaches();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("settings.conf"), text);
  }
}
