package io.turboprop.cli;

import java.net.URI;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Parses the address of a server as Flyte's clients take it: {@code HOST:PORT}, or with the scheme
 * {@code http://} or {@code dns:///} before it.
 */
final class GivenEndpoint implements ITypeConverter<URI> {
  /** The variable in which Flyte's clients look for the address. */
  private static final String VARIABLE = "FLYTE_PLATFORM_URL";

  private static final String UNLESS_GIVEN = "127.0.0.1:30080";

  /** The address in the environment; without one, that of an engine on this machine. */
  static URI of(Map<String, String> environment) {
    return new GivenEndpoint().convert(environment.getOrDefault(VARIABLE, UNLESS_GIVEN));
  }

  @Override
  public URI convert(String text) {
    var address = text.replaceFirst("^(http|dns)://+", "").replaceFirst("/+$", "");
    try {
      var endpoint = URI.create("http://" + address);
      if (endpoint.getHost() != null && endpoint.getPort() > 0 && endpoint.getPath().isEmpty()) {
        return endpoint;
      }
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(wrong(text));
    }
    throw new TypeConversionException(wrong(text));
  }

  private static String wrong(String text) {
    return "'%s' is no address of a server: say HOST:PORT (%s names it as well)"
        .formatted(text, VARIABLE);
  }
}
