package io.turboprop.admin.definitions;

import flyteidl.admin.Common.NamedEntity;
import flyteidl.admin.Common.NamedEntityGetRequest;
import flyteidl.admin.Common.NamedEntityIdentifier;
import flyteidl.admin.Common.NamedEntityIdentifierList;
import flyteidl.admin.Common.NamedEntityIdentifierListRequest;
import flyteidl.admin.Common.NamedEntityList;
import flyteidl.admin.Common.NamedEntityListRequest;
import flyteidl.admin.Common.NamedEntityMetadata;
import flyteidl.admin.Common.NamedEntityState;
import flyteidl.admin.Common.NamedEntityUpdateRequest;
import flyteidl.admin.Common.NamedEntityUpdateResponse;
import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.DescriptionEntityOuterClass.DescriptionEntity;
import flyteidl.admin.DescriptionEntityOuterClass.DescriptionEntityList;
import flyteidl.admin.DescriptionEntityOuterClass.DescriptionEntityListRequest;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.data.StoredMessages;
import io.turboprop.store.DescriptionTables;
import io.turboprop.store.NameScope;
import io.turboprop.store.NamedEntityTables;
import io.turboprop.store.NamedEntityTables.NamedEntityRow;

/** Names without versions, and the metadata of names. */
public final class NamedEntities {
  private static final int DESCRIPTION_LENGTH_MAX = 300;

  private final NamedEntityTables names;
  private final DescriptionTables descriptions;
  private final Lists lists;

  NamedEntities(NamedEntityTables names, DescriptionTables descriptions, Lists lists) {
    this.lists = lists;
    this.names = names;
    this.descriptions = descriptions;
  }

  /** ListTaskIds, ListWorkflowIds, ListLaunchPlanIds: filters are ignored, as in FlyteAdmin. */
  public NamedEntityIdentifierList listIds(Kind kind, NamedEntityIdentifierListRequest request) {
    var query = lists.query(request.getLimit(), request.getToken(), "", request.getSortBy());
    var scope = Identifiers.scope(request.getProject(), request.getDomain(), "");
    var page = names.list(kind, scope, query);
    var answer = NamedEntityIdentifierList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addEntities(identifier(row)));
    return answer.build();
  }

  public NamedEntityList listNamedEntities(NamedEntityListRequest request) {
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var scope = Identifiers.scope(request.getProject(), request.getDomain(), "");
    var page = names.list(Identifiers.kind(request.getResourceType()), scope, query);
    var answer = NamedEntityList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addEntities(message(row)));
    return answer.build();
  }

  public NamedEntity getNamedEntity(NamedEntityGetRequest request) {
    return names
        .find(Identifiers.kind(request.getResourceType()), scope(request.getId()))
        .map(NamedEntities::message)
        .orElseThrow(() -> AdminException.notFound("entry not found"));
  }

  public NamedEntityUpdateResponse updateNamedEntity(NamedEntityUpdateRequest request) {
    var kind = Identifiers.kind(request.getResourceType());
    var name = scope(request.getId());
    if (!request.hasMetadata()) {
      throw AdminException.missing("metadata");
    }
    var metadata = request.getMetadata();
    if (metadata.getState() == NamedEntityState.UNRECOGNIZED) {
      throw AdminException.invalidArgument("invalid value for state");
    }
    if (metadata.getDescription().length() > DESCRIPTION_LENGTH_MAX) {
      throw AdminException.invalidArgument(
          "description cannot exceed " + DESCRIPTION_LENGTH_MAX + " characters");
    }
    if (!names.update(kind, name, metadata.getDescription(), metadata.getStateValue())) {
      throw AdminException.notFound("entry not found");
    }
    return NamedEntityUpdateResponse.getDefaultInstance();
  }

  public DescriptionEntity getDescriptionEntity(ObjectGetRequest request) {
    var id =
        Identifiers.valid(request.getId(), Identifiers.kind(request.getId().getResourceType()));
    return descriptions
        .find(id)
        .map(bytes -> StoredMessages.parse(DescriptionEntity.parser(), bytes))
        .orElseThrow(() -> Identifiers.notFound(id));
  }

  public DescriptionEntityList listDescriptionEntities(DescriptionEntityListRequest request) {
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var kind = Identifiers.kind(request.getResourceType());
    var page = descriptions.list(kind, scope(request.getId()), query);
    var answer = DescriptionEntityList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows()
        .forEach(bytes ->
            answer.addDescriptionEntities(StoredMessages.parse(DescriptionEntity.parser(), bytes)));
    return answer.build();
  }

  private static NameScope scope(NamedEntityIdentifier id) {
    return Identifiers.scope(
        id.getProject(), id.getDomain(), Identifiers.required(id.getName(), "name"));
  }

  private static NamedEntity message(NamedEntityRow row) {
    return NamedEntity.newBuilder()
        .setResourceType(row.kind().type())
        .setId(identifier(row))
        .setMetadata(
            NamedEntityMetadata.newBuilder()
                .setDescription(row.description())
                .setStateValue(row.state()))
        .build();
  }

  private static NamedEntityIdentifier identifier(NamedEntityRow row) {
    return NamedEntityIdentifier.newBuilder()
        .setProject(row.project())
        .setDomain(row.domain())
        .setName(row.name())
        .build();
  }
}
