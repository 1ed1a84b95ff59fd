package io.turboprop.admin.definitions;

import static io.turboprop.admin.definitions.TestingDefinitions.id;
import static io.turboprop.admin.definitions.TestingDefinitions.launchPlan;
import static io.turboprop.admin.definitions.TestingDefinitions.task;
import static io.turboprop.admin.definitions.TestingDefinitions.workflow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.admin.Common.NamedEntityGetRequest;
import flyteidl.admin.Common.NamedEntityIdentifier;
import flyteidl.admin.Common.NamedEntityIdentifierListRequest;
import flyteidl.admin.Common.NamedEntityListRequest;
import flyteidl.admin.Common.NamedEntityState;
import flyteidl.admin.Common.NamedEntityUpdateRequest;
import flyteidl.admin.Common.ObjectGetRequest;
import flyteidl.admin.Common.ResourceListRequest;
import flyteidl.admin.Common.Sort;
import flyteidl.admin.LaunchPlanOuterClass.ActiveLaunchPlanListRequest;
import flyteidl.admin.LaunchPlanOuterClass.ActiveLaunchPlanRequest;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanState;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanUpdateRequest;
import flyteidl.admin.MatchableResourceOuterClass.MatchableResource;
import flyteidl.admin.ProjectAttributesOuterClass.ProjectAttributesGetRequest;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesGetRequest;
import flyteidl.admin.ProjectDomainAttributesOuterClass.ProjectDomainAttributesUpdateRequest;
import flyteidl.admin.ProjectOuterClass.GetDomainRequest;
import flyteidl.admin.ProjectOuterClass.InactiveProject;
import flyteidl.admin.ProjectOuterClass.Project;
import flyteidl.admin.ProjectOuterClass.Project.ProjectState;
import flyteidl.admin.ProjectOuterClass.ProjectGetRequest;
import flyteidl.admin.ProjectOuterClass.ProjectListRequest;
import flyteidl.admin.ProjectOuterClass.ProjectRegisterRequest;
import flyteidl.admin.TaskOuterClass.TaskCreateRequest;
import flyteidl.admin.WorkflowOuterClass.CreateWorkflowFailureReason;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Tasks.Resources.ResourceName;
import flyteidl.core.Workflow.Node;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.turboprop.admin.executions.TestingAdmin;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class DefinitionsTest {
  @TempDir private static Path folder;
  private static TestingAdmin api;
  private static AdminServiceBlockingStub admin;

  @BeforeAll
  static void start() throws IOException {
    api = new TestingAdmin(folder);
    admin = api.admin();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Test
  void registeredDefinitionsAreFoundWithTheirWholeClosure() {
    register("v-whole");

    var found = admin.getWorkflow(get(ResourceType.WORKFLOW, "wf", "v-whole"));
    var closure = found.getClosure().getCompiledWorkflow();
    assertThat(closure.getPrimary().getTemplate().getNodesList())
        .extracting(Node::getId)
        .containsExactlyInAnyOrder("start-node", "end-node", "n0");
    assertThat(closure.getTasksList())
        .extracting(compiled -> compiled.getTemplate().getId())
        .containsExactly(id(ResourceType.TASK, "double", "v-whole"));
    assertThat(found.getClosure().hasCreatedAt()).isTrue();

    var task = admin.getTask(get(ResourceType.UNSPECIFIED, "double", "v-whole"));
    assertThat(task.getClosure().getCompiledTask().getTemplate().getInterface())
        .isEqualTo(TestingDefinitions.signature());
    assertThat(task.getShortDescription()).isEqualTo("doubles a number");

    var plan = admin.getLaunchPlan(get(ResourceType.LAUNCH_PLAN, "wf", "v-whole"));
    assertThat(plan.getSpec().getDefaultInputs().getParametersOrThrow("x").getRequired()).isTrue();
    assertThat(plan.getClosure().getExpectedOutputs().containsVariables("o0")).isTrue();
    assertThat(plan.getClosure().getState()).isEqualTo(LaunchPlanState.INACTIVE);

    var description = admin.getDescriptionEntity(get(ResourceType.TASK, "double", "v-whole"));
    assertThat(description.getShortDescription()).isEqualTo("doubles a number");
  }

  @Test
  void theSameAgainExistsAlreadyHoweverOften() {
    register("v-again");
    for (var time = 0; time < 4; time++) {
      assertRefused(Code.ALREADY_EXISTS, () -> admin.createTask(task("double", "v-again")));
      assertRefused(Code.ALREADY_EXISTS, () -> admin.createWorkflow(workflow("wf", "v-again")));
      assertRefused(
          Code.ALREADY_EXISTS, () -> admin.createLaunchPlan(launchPlan("wf", "v-again", "wf")));
    }
  }

  @Test
  void anotherStructureUnderTheSameVersionIsRefusedWithItsDifferences() {
    register("v-other");
    var changed = task("double", "v-other").toBuilder();
    changed.getSpecBuilder().getTemplateBuilder().getContainerBuilder().setImage("python:3.13");
    assertThatThrownBy(() -> admin.createTask(changed.build()))
        .hasMessageStartingWith("INVALID_ARGUMENT: double task with different structure")
        .hasMessageContaining("template.container.image: python:3.12 → python:3.13");
  }

  @Test
  void conflictsOfWorkflowsCarryTheirReason() throws InvalidProtocolBufferException {
    register("v-reason");
    var identical = reason(() -> admin.createWorkflow(workflow("wf", "v-reason")));
    assertThat(identical.getExistsIdenticalStructure().getId().getName()).isEqualTo("wf");

    var changed = workflow("wf", "v-reason").toBuilder();
    changed.getSpecBuilder().getTemplateBuilder().getNodesBuilder(0).setId("n1");
    changed
        .getSpecBuilder()
        .getTemplateBuilder()
        .getOutputsBuilder(0)
        .getBindingBuilder()
        .getPromiseBuilder()
        .setNodeId("n1");
    var different = reason(() -> admin.createWorkflow(changed.build()));
    assertThat(different.hasExistsDifferentStructure()).isTrue();
  }

  private static CreateWorkflowFailureReason reason(ThrowingCallable call)
      throws InvalidProtocolBufferException {
    var status = StatusProto.fromThrowable(refusal(call));
    assertThat(status.getDetailsList()).hasSize(1);
    return status.getDetails(0).unpack(CreateWorkflowFailureReason.class);
  }

  @Test
  void aWorkflowWhoseTaskIsMissingDoesNotCompile() {
    var refusal = refusal(() -> admin.createWorkflow(workflow("lonely", "v-nowhere")));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refusal.getStatus().getDescription())
        .startsWith("failed to compile workflow for [flytesnacks:development:lonely:v-nowhere]")
        .contains("double");
  }

  @Test
  void aLaunchPlanWithoutItsWorkflowIsNotFound() {
    assertRefused(
        Code.NOT_FOUND, () -> admin.createLaunchPlan(launchPlan("wf", "v-none", "nothing")));
  }

  static Stream<Arguments> badTasks() {
    var id = id(ResourceType.TASK, "bad", "v1");
    return Stream.of(
        Arguments.of("missing id", id, "missing id", true),
        Arguments.of(
            "kind",
            id.toBuilder().setResourceType(ResourceType.WORKFLOW).build(),
            "unexpected resource type",
            false),
        Arguments.of("project", id.toBuilder().clearProject().build(), "missing project", false),
        Arguments.of("domain", id.toBuilder().clearDomain().build(), "missing domain", false),
        Arguments.of("name", id.toBuilder().clearName().build(), "missing name", false),
        Arguments.of("version", id.toBuilder().clearVersion().build(), "missing version", false),
        Arguments.of(
            "unknown project",
            id.toBuilder().setProject("nobody").build(),
            "project [nobody] does not exist",
            false),
        Arguments.of(
            "unknown domain",
            id.toBuilder().setDomain("moon").build(),
            "domain [moon] does not exist",
            false),
        Arguments.of(
            "long name",
            id.toBuilder().setName("n".repeat(256)).build(),
            "name has 256 characters",
            false),
        Arguments.of(
            "NUL",
            id.toBuilder().setName("a\0b").build(),
            "invalid value for id.name: a text has no NUL character",
            false),
        Arguments.of("NUL project", id.toBuilder().setProject("a\0b").build(), "", false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badTasks")
  void anIdentifierIsCheckedInAllItsParts(
      String what, Identifier id, String message, boolean none) {
    var request = task("bad", "v1").toBuilder().setId(id);
    var refusal = refusal(() -> admin.createTask((none ? request.clearId() : request).build()));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refusal.getStatus().getDescription()).startsWith(message);
  }

  @Test
  void aTaskNeedsTypeMetadataInterfaceAndImage() {
    var type = task("bad", "v1").toBuilder();
    type.getSpecBuilder().getTemplateBuilder().clearType();
    assertRefused(Code.INVALID_ARGUMENT, () -> admin.createTask(type.build()));
    var metadata = task("bad", "v1").toBuilder();
    metadata.getSpecBuilder().getTemplateBuilder().clearMetadata();
    assertRefused(Code.INVALID_ARGUMENT, () -> admin.createTask(metadata.build()));
    var signature = task("bad", "v1").toBuilder();
    signature.getSpecBuilder().getTemplateBuilder().clearInterface();
    assertRefused(Code.INVALID_ARGUMENT, () -> admin.createTask(signature.build()));
    var image = task("bad", "v1").toBuilder();
    image.getSpecBuilder().getTemplateBuilder().getContainerBuilder().clearImage();
    assertRefused(Code.INVALID_ARGUMENT, () -> admin.createTask(image.build()));
  }

  @Test
  void oneVersionOfALaunchPlanIsActive() {
    register("v1");
    register("v2");
    activate("v1", LaunchPlanState.ACTIVE);
    activate("v2", LaunchPlanState.ACTIVE);
    activate("v2", LaunchPlanState.ACTIVE);

    assertThat(admin.getActiveLaunchPlan(active("wf")).getId().getVersion()).isEqualTo("v2");
    assertThat(
            admin
                .listActiveLaunchPlans(
                    ActiveLaunchPlanListRequest.newBuilder()
                        .setProject("flytesnacks")
                        .setDomain("development")
                        .setLimit(10)
                        .build())
                .getLaunchPlansList())
        .hasSize(1);

    activate("v2", LaunchPlanState.INACTIVE);
    assertRefused(Code.NOT_FOUND, () -> admin.getActiveLaunchPlan(active("wf")));
    assertRefused(Code.NOT_FOUND, () -> activate("v-never", LaunchPlanState.ACTIVE));
  }

  @Test
  void theLatestVersionIsTheFirstByAge() {
    register("a-first");
    register("b-second");
    register("a-third");
    var request =
        list("double").setLimit(1).setSortBy(Sort.newBuilder().setKey("created_at")).build();
    var page = admin.listTasks(request);
    assertThat(page.getTasks(0).getId().getVersion()).isEqualTo("a-third");
    assertThat(page.getToken()).isNotEmpty();
    var next = admin.listTasks(request.toBuilder().setToken(page.getToken()).build());
    assertThat(next.getTasks(0).getId().getVersion()).isEqualTo("b-second");
  }

  @Test
  void listsAreFilteredByTheirOwnFieldsAndThoseOfTheWorkflow() {
    register("v-filter");
    assertThat(admin.listTasks(list("").setFilters("eq(version,v-filter)").build()).getTasksList())
        .hasSize(1);
    assertThat(
            admin
                .listLaunchPlans(
                    list("").setFilters("eq(workflow.version,v-filter)+eq(state,0)").build())
                .getLaunchPlansList())
        .hasSize(1);
    var workflows =
        admin.listWorkflows(list("wf").setFilters("value_in(version,v-filter;x)").build());
    var closure = workflows.getWorkflows(0).getClosure().getCompiledWorkflow();
    assertThat(closure.getPrimary().getTemplate().getInterface())
        .isEqualTo(TestingDefinitions.signature());
    assertThat(closure.getPrimary().getTemplate().getNodesList()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          eq(secret,1)        | 't.secret' is invalid filter
          eq(workflow.name,x) | 'workflow' entity is not allowed in filters
          drop(name,x)        | unrecognized filter function: drop
          name=x              | invalid value for filters
          gt(created_at,now)  | invalid value 'now' for created_at
          """)
  void anInvalidFilterIsTheClientsMistake(String filters, String message) {
    var refusal = refusal(() -> admin.listTasks(list("").setFilters(filters).build()));
    assertThat(refusal.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(refusal.getStatus().getDescription()).startsWith(message);
  }

  @Test
  void namesAreListedOnceAndDescribed() {
    register("v-names");
    var ids =
        admin.listTaskIds(
            NamedEntityIdentifierListRequest.newBuilder()
                .setProject("flytesnacks")
                .setDomain("development")
                .setLimit(10)
                .build());
    assertThat(ids.getEntitiesList())
        .extracting(NamedEntityIdentifier::getName)
        .containsExactly("double");

    var name = NamedEntityUpdateRequest.newBuilder().setResourceType(ResourceType.WORKFLOW);
    name.getIdBuilder().setProject("flytesnacks").setDomain("development").setName("wf");
    name.getMetadataBuilder()
        .setDescription("the one")
        .setState(NamedEntityState.NAMED_ENTITY_ARCHIVED);
    admin.updateNamedEntity(name.build());
    var get =
        NamedEntityGetRequest.newBuilder()
            .setResourceType(ResourceType.WORKFLOW)
            .setId(name.getId());
    assertThat(admin.getNamedEntity(get.build()).getMetadata().getDescription())
        .isEqualTo("the one");
    var archived =
        admin.listNamedEntities(
            NamedEntityListRequest.newBuilder()
                .setResourceType(ResourceType.WORKFLOW)
                .setProject("flytesnacks")
                .setDomain("development")
                .setLimit(10)
                .setFilters("eq(state,1)")
                .build());
    assertThat(archived.getEntitiesList()).hasSize(1);

    get.getIdBuilder().setName("nothing");
    assertRefused(Code.NOT_FOUND, () -> admin.getNamedEntity(get.build()));
  }

  @Test
  void projectsAreRegisteredOnceChangedAndArchived() throws InvalidProtocolBufferException {
    var project =
        Project.newBuilder().setId("mine").setName("Mine").setDescription("first").build();
    var request = ProjectRegisterRequest.newBuilder().setProject(project).build();
    admin.registerProject(request);
    assertRefused(Code.ALREADY_EXISTS, () -> admin.registerProject(request));

    admin.updateProject(Project.newBuilder().setId("mine").setState(ProjectState.ARCHIVED).build());
    var found = admin.getProject(ProjectGetRequest.newBuilder().setId("mine").build());
    assertThat(found.getDescription()).isEqualTo("first");
    assertThat(found.getDomainsList()).hasSize(3);
    assertThat(admin.listProjects(ProjectListRequest.getDefaultInstance()).getProjectsList())
        .extracting(Project::getId)
        .containsExactly("flytesnacks");

    var task = task("t", "v1").toBuilder();
    task.getIdBuilder().setProject("mine");
    var status = StatusProto.fromThrowable(refusal(() -> admin.createTask(task.build())));
    assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT.value());
    assertThat(status.getDetails(0).unpack(InactiveProject.class).getId()).isEqualTo("mine");
  }

  @ParameterizedTest
  @CsvSource({"Big", "-a", "a_b", "a.b", "''"})
  void aProjectsIdIsALabel(String id) {
    var request = ProjectRegisterRequest.newBuilder();
    request.getProjectBuilder().setId(id).setName("x");
    assertRefused(Code.INVALID_ARGUMENT, () -> admin.registerProject(request.build()));
  }

  @Test
  void domainsAreThoseOfTheConfiguration() {
    assertThat(admin.getDomains(GetDomainRequest.getDefaultInstance()).getDomainsList())
        .extracting(domain -> domain.getId())
        .containsExactly("development", "staging", "production");
  }

  @Test
  void theMostSpecificAttributesCount() {
    var project =
        ProjectAttributesGetRequest.newBuilder()
            .setProject("flytesnacks")
            .setResourceType(MatchableResource.WORKFLOW_EXECUTION_CONFIG);
    var config =
        admin.getProjectAttributes(project.build()).getAttributes().getMatchingAttributes();
    assertThat(config.getWorkflowExecutionConfig().getMaxParallelism()).isEqualTo(25);

    var get =
        ProjectDomainAttributesGetRequest.newBuilder()
            .setProject("flytesnacks")
            .setDomain("staging")
            .setResourceType(MatchableResource.WORKFLOW_EXECUTION_CONFIG)
            .build();
    assertRefused(Code.NOT_FOUND, () -> admin.getProjectDomainAttributes(get));
    var update = ProjectDomainAttributesUpdateRequest.newBuilder();
    update.getAttributesBuilder().setProject("flytesnacks").setDomain("staging");
    update
        .getAttributesBuilder()
        .getMatchingAttributesBuilder()
        .getWorkflowExecutionConfigBuilder()
        .setMaxParallelism(7);
    admin.updateProjectDomainAttributes(update.build());
    assertThat(
            admin
                .getProjectDomainAttributes(get)
                .getAttributes()
                .getMatchingAttributes()
                .getWorkflowExecutionConfig()
                .getMaxParallelism())
        .isEqualTo(7);
  }

  @Test
  void theResourcesOfAnAttributeBindTheTasksOfItsDomain() {
    var update = ProjectDomainAttributesUpdateRequest.newBuilder();
    update.getAttributesBuilder().setProject("flytesnacks").setDomain("production");
    var limits =
        update
            .getAttributesBuilder()
            .getMatchingAttributesBuilder()
            .getTaskResourceAttributesBuilder()
            .getLimitsBuilder();
    limits.setCpu("2").setMemory("1Gi");
    admin.updateProjectDomainAttributes(update.build());

    assertThat(refusal(() -> admin.createTask(asking("production", ResourceName.CPU, "2500m"))))
        .hasMessageContaining("CPU [2.500] is greater than the limit [2] that the TASK_RESOURCE");
    admin.createTask(asking("production", ResourceName.MEMORY, "1024Mi"));
    admin.createTask(asking("staging", ResourceName.CPU, "2500m"));

    limits.setCpu("two");
    assertRefused(Code.INVALID_ARGUMENT, () -> admin.updateProjectDomainAttributes(update.build()));
  }

  private static TaskCreateRequest asking(String domain, ResourceName resource, String value) {
    var request = task("asking", "v-" + resource).toBuilder();
    request.getIdBuilder().setDomain(domain);
    request
        .getSpecBuilder()
        .getTemplateBuilder()
        .getContainerBuilder()
        .getResourcesBuilder()
        .addRequestsBuilder()
        .setName(resource)
        .setValue(value);
    return request.build();
  }

  @Test
  void defaultsAndFixedInputsHaveToFitTheWorkflow() {
    register("v-inputs");
    var unknown = launchPlan("unknown", "v-inputs", "wf").toBuilder();
    unknown
        .getSpecBuilder()
        .getFixedInputsBuilder()
        .putLiteralsBuilderIfAbsent("y")
        .getScalarBuilder()
        .getPrimitiveBuilder()
        .setInteger(1);
    assertThat(refusal(() -> admin.createLaunchPlan(unknown.build())).getMessage())
        .contains("unexpected fixed_input y");

    var wrong = launchPlan("wrong", "v-inputs", "wf").toBuilder();
    wrong
        .getSpecBuilder()
        .getFixedInputsBuilder()
        .putLiteralsBuilderIfAbsent("x")
        .getScalarBuilder()
        .getPrimitiveBuilder()
        .setStringValue("1");
    assertThat(refusal(() -> admin.createLaunchPlan(wrong.build())).getMessage())
        .contains("invalid fixed_input wrong type")
        .endsWith("expects INTEGER, but is given STRING: \"1\"");

    var fixed = launchPlan("fixed", "v-inputs", "wf").toBuilder();
    fixed
        .getSpecBuilder()
        .getFixedInputsBuilder()
        .putLiteralsBuilderIfAbsent("x")
        .getScalarBuilder()
        .getPrimitiveBuilder()
        .setInteger(1);
    fixed
        .getSpecBuilder()
        .getEntityMetadataBuilder()
        .getScheduleBuilder()
        .getCronScheduleBuilder()
        .setSchedule("*/5 * * * *");
    admin.createLaunchPlan(fixed.build());
    var found = admin.getLaunchPlan(get(ResourceType.LAUNCH_PLAN, "fixed", "v-inputs"));
    assertThat(found.getClosure().getExpectedInputs().getParametersMap()).isEmpty();
    assertThat(
            admin
                .listLaunchPlans(list("").setFilters("eq(schedule_type,CRON)").build())
                .getLaunchPlansList())
        .hasSize(1);
  }

  @Test
  void aScheduleNeedsAValueForEveryInputAndAValidForm() {
    register("v-cron");
    var free = launchPlan("free", "v-cron", "wf").toBuilder();
    free.getSpecBuilder()
        .getEntityMetadataBuilder()
        .getScheduleBuilder()
        .getRateBuilder()
        .setValue(1);
    assertThat(refusal(() -> admin.createLaunchPlan(free.build())).getMessage())
        .contains("cannot schedule: input x");
    var text = launchPlan("text", "v-cron", "wf").toBuilder();
    text.getSpecBuilder()
        .getFixedInputsBuilder()
        .putLiteralsBuilderIfAbsent("x")
        .getScalarBuilder()
        .getPrimitiveBuilder()
        .setInteger(1);
    text.getSpecBuilder()
        .getEntityMetadataBuilder()
        .getScheduleBuilder()
        .getCronScheduleBuilder()
        .setSchedule("now and then");
    assertThat(refusal(() -> admin.createLaunchPlan(text.build())).getMessage())
        .contains("invalid cron schedule [now and then]: it has 3 fields");
    text.getSpecBuilder()
        .getEntityMetadataBuilder()
        .getScheduleBuilder()
        .getCronScheduleBuilder()
        .setSchedule("0 0 30 2 *");
    assertThat(refusal(() -> admin.createLaunchPlan(text.build())).getMessage())
        .contains("invalid cron schedule [0 0 30 2 *]: no month has such a day");
  }

  @ParameterizedTest
  @ValueSource(strings = {"workflows", "tasks", "launch_plans"})
  void aPathDeterminesTheKindOfEntity(String kind) throws Exception {
    register("v-path-" + kind.replace('_', '-'));
    var name = kind.equals("tasks") ? "double" : "wf";
    var path =
        "/api/v1/%s/flytesnacks/development/%s/v-path-%s"
            .formatted(kind, name, kind.replace('_', '-'));
    assertThat(api.http("GET", path, new byte[0]).statusCode()).isEqualTo(200);
  }

  @Test
  void anIdentifierOfAnotherKindIsNotAWorkflow() {
    assertRefused(
        Code.INVALID_ARGUMENT, () -> admin.getWorkflow(get(ResourceType.TASK, "wf", "v-any")));
  }

  private static void register(String version) {
    admin.createTask(task("double", version));
    admin.createWorkflow(workflow("wf", version));
    admin.createLaunchPlan(launchPlan("wf", version, "wf"));
  }

  private static void activate(String version, LaunchPlanState state) {
    admin.updateLaunchPlan(
        LaunchPlanUpdateRequest.newBuilder()
            .setId(id(ResourceType.LAUNCH_PLAN, "wf", version))
            .setState(state)
            .build());
  }

  private static ActiveLaunchPlanRequest active(String name) {
    var request = ActiveLaunchPlanRequest.newBuilder();
    request.getIdBuilder().setProject("flytesnacks").setDomain("development").setName(name);
    return request.build();
  }

  private static ObjectGetRequest get(ResourceType type, String name, String version) {
    return ObjectGetRequest.newBuilder().setId(id(type, name, version)).build();
  }

  private static ResourceListRequest.Builder list(String name) {
    var request = ResourceListRequest.newBuilder().setLimit(100);
    request.getIdBuilder().setProject("flytesnacks").setDomain("development").setName(name);
    return request;
  }

  private static void assertRefused(Code code, ThrowingCallable call) {
    assertThat(refusal(call).getStatus().getCode()).isEqualTo(code);
  }

  private static StatusRuntimeException refusal(ThrowingCallable call) {
    try {
      call.call();
    } catch (StatusRuntimeException refused) {
      return refused;
    } catch (Throwable other) {
      throw new AssertionError("not refused but failed", other);
    }
    throw new AssertionError("not refused");
  }
}
