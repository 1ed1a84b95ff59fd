package io.turboprop.admin.definitions;

import com.google.protobuf.Message;
import flyteidl.admin.DescriptionEntityOuterClass.DescriptionEntity;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.admin.transport.RegistrationLimits;
import io.turboprop.data.EntityId;
import io.turboprop.store.NewDescription;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The common parts of registering tasks, workflows and launch plans: the checks, and the answer to
 * a repeated registration. Clients send a failing call up to four times, so a failed registration
 * writes nothing.
 */
public final class Registration {
  private static final int SHORT_DESCRIPTION_MAX = 255;

  private final Projects projects;
  private final RegistrationLimits limits;

  Registration(Projects projects, RegistrationLimits limits) {
    this.projects = projects;
    this.limits = limits;
  }

  RegistrationLimits limits() {
    return limits;
  }

  /** The checks of an identifier, in FlyteAdmin's order. */
  void check(EntityId id) {
    limit(id.name(), "name");
    limit(id.version(), "version");
    projects.requireActive(id.project(), id.domain());
  }

  /** Refuses a definition that exceeds the limits. */
  void checkSize(EntityId id, long sizeBytes) {
    if (sizeBytes > limits.closureBytesMax()) {
      throw AdminException.invalidArgument(
          "%s has %d bytes compiled; the limit is %d"
              .formatted(id, sizeBytes, limits.closureBytesMax()));
    }
  }

  private void limit(String text, String field) {
    if (text.length() > limits.nameLengthMax()) {
      throw AdminException.invalidArgument(
          "%s has %d characters; the limit is %d"
              .formatted(field, text.length(), limits.nameLengthMax()));
    }
    if (text.indexOf(0) >= 0) {
      throw AdminException.invalidArgument(field + " holds a NUL character");
    }
  }

  /**
   * A version to register, and the refusal if it exists already.
   *
   * @param registered the existing version; read only if the two differ
   * @param detailsIfIdentical the details of the refusal, for programs
   */
  record Conflict(
      EntityId id,
      Message given,
      Supplier<? extends Message> registered,
      List<Message> detailsIfIdentical,
      List<Message> detailsIfDifferent) {

    Conflict(EntityId id, Message given, Supplier<? extends Message> registered) {
      this(id, given, registered, List.of(), List.of());
    }

    /** {@code task with identical structure already exists}, and so on. */
    private AdminException identical() {
      return new AdminException(
          Code.ALREADY_EXISTS,
          kind() + " with identical structure already exists",
          detailsIfIdentical);
    }

    /** The same for another structure, with the differences. */
    private AdminException different() {
      return new AdminException(
          Code.INVALID_ARGUMENT,
          "%s %s with different structure already exists. (Please register a new version.) %s"
              .formatted(id.name(), kind(), StructureDiff.of(registered.get(), given)),
          detailsIfDifferent);
    }

    private String kind() {
      return id.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * Inserts a version unless it exists.
   *
   * @param registered the digest of the existing version
   * @param insert inserts the version; false when another request was faster
   */
  void insertOnce(
      String digest,
      Supplier<Optional<String>> registered,
      BooleanSupplier insert,
      Conflict conflict) {
    refuse(digest, registered.get(), conflict);
    if (!insert.getAsBoolean()) {
      refuse(digest, registered.get(), conflict);
    }
  }

  private static void refuse(String digest, Optional<String> registered, Conflict conflict) {
    if (registered.isPresent()) {
      throw registered.get().equals(digest) ? conflict.identical() : conflict.different();
    }
  }

  /** The description of a version with the version's name; empty if it has no content. */
  static Optional<NewDescription> description(EntityId id, DescriptionEntity description) {
    if (description.equals(DescriptionEntity.getDefaultInstance())) {
      return Optional.empty();
    }
    var text = description.getShortDescription();
    var message = description.toBuilder().setId(id.toMessage()).build();
    return Optional.of(
        new NewDescription(
            text.substring(0, Math.min(text.length(), SHORT_DESCRIPTION_MAX)),
            message.toByteString()));
  }
}
