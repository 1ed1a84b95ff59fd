package io.turboprop.cli;

import io.turboprop.data.ExecutionId;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses the name of an execution: the name alone, or with project and domain before it. */
final class GivenExecution implements ITypeConverter<ExecutionId> {
  private static final String PROJECT = "flytesnacks";
  private static final String DOMAIN = "development";

  @Override
  public ExecutionId convert(String text) {
    var parts = text.split(text.contains("/") ? "/" : ":", -1);
    for (var part : parts) {
      if (part.isBlank() || part.contains(":")) {
        throw wrong(text);
      }
    }
    return switch (parts.length) {
      case 1 -> new ExecutionId(PROJECT, DOMAIN, text);
      case 3 -> new ExecutionId(parts[0], parts[1], parts[2]);
      default -> throw wrong(text);
    };
  }

  private static TypeConversionException wrong(String text) {
    return new TypeConversionException(
        "'%s' names no execution: say NAME, PROJECT/DOMAIN/NAME or PROJECT:DOMAIN:NAME"
            .formatted(text));
  }
}
