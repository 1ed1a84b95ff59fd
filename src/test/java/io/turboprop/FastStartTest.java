package io.turboprop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * What the cache for a fast start ({@code deploy/turboprop}) needs of the code. Java 25 crashes
 * when it writes down a method reference to a class of a format before {@link
 * ClassFile#JAVA_6_VERSION}, which it can't write into the cache. A lambda, whose code is a method
 * of our own class, is no trouble.
 */
class FastStartTest {

  @Test
  void noMethodReferenceLeadsToAClassOfAnOldFormat() throws IOException, URISyntaxException {
    var classes =
        Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("io/turboprop");
    try (var files = Files.walk(classes)) {
      assertThat(
              files
                  .filter(file -> file.toString().endsWith(".class"))
                  .map(FastStartTest::parsed)
                  .flatMap(FastStartTest::referencesToOldClasses))
          .isEmpty();
    }
  }

  private static ClassModel parsed(Path file) {
    try {
      return ClassFile.of().parse(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> referencesToOldClasses(ClassModel from) {
    return StreamSupport.stream(from.constantPool().spliterator(), false)
        .filter(MethodHandleEntry.class::isInstance)
        .map(entry -> ((MethodHandleEntry) entry).reference().owner().asInternalName())
        .distinct()
        .filter(FastStartTest::isOld)
        .map(owner -> "%s refers to %s".formatted(from.thisClass().asInternalName(), owner));
  }

  private static boolean isOld(String name) {
    if (name.startsWith("java/") || name.startsWith("io/turboprop/")) {
      return false;
    }
    try (var file = Main.class.getResourceAsStream("/" + name + ".class")) {
      return file != null
          && ClassFile.of().parse(file.readAllBytes()).majorVersion() < ClassFile.JAVA_6_VERSION;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
