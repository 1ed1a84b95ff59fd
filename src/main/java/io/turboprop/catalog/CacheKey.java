package io.turboprop.catalog;

import flyteidl.core.Catalog.CatalogArtifactTag;
import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.IdentifierOuterClass.TaskExecutionIdentifier;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.Literals;
import java.util.HashSet;
import java.util.Optional;

/**
 * The key of a task's cached outputs, as in Flyte: the task's name, its cache version, its
 * interface and its inputs. The version under which the task is registered is not part of the key.
 *
 * @param name Flyte's name of the data set
 * @param version {@code <discovery version>-<signature of inputs>-<signature of outputs>}
 * @param tag {@code flyte_cached-<hash of the inputs>}
 */
public record CacheKey(String project, String domain, String name, String version, String tag) {

  /**
   * The key of a run of a task.
   *
   * @throws IllegalArgumentException when the task has no cache version, or an input has no hash
   */
  public static CacheKey of(TaskTemplate task, Literals inputs) {
    var discoveryVersion = task.getMetadata().getDiscoveryVersion().strip();
    if (discoveryVersion.isEmpty()) {
      throw new IllegalArgumentException(
          "task %s is to be cached and has no cache version".formatted(task.getId().getName()));
    }
    var signature = task.getInterface();
    return new CacheKey(
        task.getId().getProject(),
        task.getId().getDomain(),
        "flyte_task-" + task.getId().getName(),
        "%s-%s-%s"
            .formatted(
                discoveryVersion,
                Signature.of(signature.getInputs()),
                Signature.of(signature.getOutputs())),
        "flyte_cached-" + ObjectHash.of(hashable(task, inputs)));
  }

  /** The inputs without the ignored ones, and with hashes in place of hashed values. */
  private static LiteralMap hashable(TaskTemplate task, Literals inputs) {
    var ignored = new HashSet<>(task.getMetadata().getCacheIgnoreInputVarsList());
    var hashable = LiteralMap.newBuilder();
    inputs
        .map()
        .getLiteralsMap()
        .forEach((name, literal) -> {
          if (!ignored.contains(name)) {
            hashable.putLiterals(name, hashable(literal));
          }
        });
    return hashable.build();
  }

  private static Literal hashable(Literal literal) {
    if (!literal.getHash().isEmpty()) {
      return Literal.newBuilder().setHash(literal.getHash()).build();
    }
    return switch (literal.getValueCase()) {
      case COLLECTION -> {
        var collection = LiteralCollection.newBuilder();
        literal.getCollection().getLiteralsList().stream()
            .map(CacheKey::hashable)
            .forEach(collection::addLiterals);
        yield literal.toBuilder().setCollection(collection).build();
      }
      case MAP -> {
        var map = LiteralMap.newBuilder();
        literal
            .getMap()
            .getLiteralsMap()
            .forEach((name, value) -> map.putLiterals(name, hashable(value)));
        yield literal.toBuilder().setMap(map).build();
      }
      case SCALAR, OFFLOADED_METADATA, VALUE_NOT_SET -> literal;
    };
  }

  /** This key in the form of events, without an artifact. */
  public CatalogMetadata metadata() {
    return metadata(Optional.empty(), Optional.empty());
  }

  /**
   * This key in the form of events.
   *
   * @param source the task execution that has made the artifact
   */
  public CatalogMetadata metadata(
      Optional<String> artifactId, Optional<TaskExecutionIdentifier> source) {
    var metadata =
        CatalogMetadata.newBuilder()
            .setDatasetId(
                Identifier.newBuilder()
                    .setResourceType(ResourceType.DATASET)
                    .setProject(project)
                    .setDomain(domain)
                    .setName(name)
                    .setVersion(version));
    artifactId.ifPresent(id ->
        metadata.setArtifactTag(CatalogArtifactTag.newBuilder().setArtifactId(id).setName(tag)));
    source.ifPresent(metadata::setSourceTaskExecution);
    return metadata.build();
  }
}
