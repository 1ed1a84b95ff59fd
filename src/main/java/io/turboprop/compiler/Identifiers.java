package io.turboprop.compiler;

import flyteidl.core.IdentifierOuterClass.Identifier;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Order and text of Flyte identifiers. */
final class Identifiers {
  /** The order by resource type, project, domain, name, version. */
  static final Comparator<Identifier> ORDER =
      Comparator.comparingInt(Identifier::getResourceTypeValue)
          .thenComparing(Identifier::getProject)
          .thenComparing(Identifier::getDomain)
          .thenComparing(Identifier::getName)
          .thenComparing(Identifier::getVersion)
          .thenComparing(Identifier::getOrg);

  private Identifiers() {}

  /** {@code project:domain:name:version}, without the empty parts. */
  static String text(Identifier id) {
    return Stream.of(id.getProject(), id.getDomain(), id.getName(), id.getVersion())
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(":"));
  }
}
