package io.turboprop.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.turboprop.Shared;
import io.turboprop.TestingCommand;
import io.turboprop.TestingJvm;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The short form of {@code loadtest/pods --real}: real pyflyte, an engine with the classes of this
 * test, and containers on a node that is this machine.
 */
@Tag("integration")
@Timeout(600)
class RealContainersTest {
  private static final String IMAGE = "turboprop.test/pods:1";
  private static final String PACKAGES = "flytekit==1.16.31 pandas pyarrow";

  @TempDir private Path folder;

  @Test
  void tasksSucceedFailAndAreAbortedInContainers() throws Exception {
    var up = Shared.path("k8s/up").toRealPath();
    var s3 = Shared.path("s3/s3").toRealPath();
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "only root can start a node that runs containers: test skipped");
    for (var program : new String[] {"go", "kubectl"}) {
      assumeTrue(
          TestingCommand.find(program).isPresent(), "no " + program + " on the PATH: test skipped");
    }
    assumeTrue(
        hasImages(),
        "no image has been made here, which takes a while (../shared/k8s/image): test skipped");
    var cluster = folder.resolve("cluster");

    var result =
        TestingCommand.of(
                "loadtest/pods",
                "--real",
                "--only",
                "succeeds,out-of-memory,abort",
                "--cluster",
                up + " --real-node --nodes 0 " + cluster,
                "--cluster-down",
                up.resolveSibling("down") + " --purge " + cluster,
                "--s3",
                s3 + " up " + folder.resolve("s3"),
                "--s3-down",
                s3 + " down --purge " + folder.resolve("s3"),
                "--image-command",
                up.resolveSibling("image") + " " + cluster + " " + IMAGE + " " + PACKAGES,
                "--image",
                IMAGE,
                "--engine",
                String.join(" ", TestingJvm.command("io.turboprop.Main", "-Xmx256m")) + " dev",
                "--port",
                Integer.toString(freePort()),
                "--python-environment",
                python(),
                "--data",
                folder.resolve("data").toString())
            .run();

    assertThat(result.code()).as(result.output() + result.errors()).isZero();
    assertThat(result.output()).contains("OOMKilled").doesNotContain("skipped");
  }

  /** Building the node's programs and images takes minutes, which no test should. */
  private static boolean hasImages() throws IOException {
    var cache =
        Path.of(
            Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .orElse(System.getProperty("user.home") + "/.cache"),
            "turboprop-k8s",
            "images");
    if (!Files.isDirectory(cache)) {
      return false;
    }
    try (Stream<Path> images = Files.list(cache)) {
      return images.anyMatch(image -> image.getFileName().toString().startsWith("python-"));
    }
  }

  private static String python() {
    var environment =
        Optional.ofNullable(System.getenv("TURBOPROP_PYTHON_ENV"))
            .map(Path::of)
            .orElse(Path.of(".turboprop", "venv"))
            .toAbsolutePath();
    assumeTrue(
        Files.isExecutable(environment.resolve("bin/pyflyte")),
        "no flytekit in " + environment + " (deploy/python-env): test skipped");
    return environment.toString();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
