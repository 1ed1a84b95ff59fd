package io.turboprop;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.turboprop.data.Outage;
import java.sql.SQLException;

/**
 * What each package may know of the others; a line each, to be thought about before it is changed.
 */
@AnalyzeClasses(packages = "io.turboprop", importOptions = DoNotIncludeTests.class)
final class LayersTest {
  @ArchTest
  static final ArchRule theCoreIsPure =
      noClasses()
          .that()
          .resideInAnyPackage("..workflow.plan..", "..workflow.state..", "..workflow.decide..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.pekko..", "java.sql..", "java.net..", "java.io..");

  @ArchTest
  static final ArchRule theCoreKnowsDataAndSettingsAlone =
      noClasses()
          .that()
          .resideInAPackage("..workflow..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.turboprop..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.turboprop.workflow..",
                              "io.turboprop.data..",
                              "io.turboprop.setting"))));

  /** Plan, then state, then decisions, then the shell: each room knows those before it alone. */
  @ArchTest
  static final ArchRule aPlanKnowsNothingOfExecutions =
      noClasses()
          .that()
          .resideInAPackage("..workflow.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..workflow.state..", "..workflow.decide..", "..workflow.entity..");

  @ArchTest
  static final ArchRule eventsAreAppliedWithoutRules =
      noClasses()
          .that()
          .resideInAPackage("..workflow.state..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..workflow.decide..", "..workflow.entity..");

  @ArchTest
  static final ArchRule decisionsKnowNoShell =
      noClasses()
          .that()
          .resideInAPackage("..workflow.decide..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..workflow.entity..");

  @ArchTest
  static final ArchRule rulesDoNotKnowWhoAsks =
      noClasses()
          .that()
          .resideInAPackage("..workflow.decide.rule..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.turboprop.workflow.decide");

  @ArchTest
  static final ArchRule theCoreAndTheClusterSeeNoFlyteMessages =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..workflow..", "..cluster..", "..journal..", "..postgres..", "..store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("flyteidl..");

  @ArchTest
  static final ArchRule sqlStaysInTheStore =
      noClasses()
          .that()
          .resideOutsideOfPackages("..journal..", "..postgres..", "..store..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.jooq..", "java.sql..", "javax.sql..")
                  .and(not(assignableTo(SQLException.class))));

  @ArchTest
  static final ArchRule pluginsKnowOneAttemptAndNothingAroundIt =
      noClasses()
          .that()
          .resideInAPackage("..plugin..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.turboprop..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.turboprop.plugin..",
                              "io.turboprop.data..",
                              "io.turboprop.setting",
                              "io.turboprop.kubernetes.client"))));

  @ArchTest
  static final ArchRule theClientOfKubernetesKnowsSettingsAndReportsOutages =
      noClasses()
          .that()
          .resideInAPackage("io.turboprop.kubernetes.client")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.turboprop..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.turboprop.kubernetes.client", "io.turboprop.setting")))
                  .and(not(type(Outage.class))));

  @ArchTest
  static final ArchRule resourcesAreDocumentsForTheCompiler =
      noClasses()
          .that()
          .resideInAPackage("..resource..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.turboprop..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.turboprop.resource..",
                              "io.turboprop.compiler..",
                              "io.turboprop.data.."))));

  @ArchTest
  static final ArchRule onlyTheApiAndTheConsoleServe =
      noClasses()
          .that()
          .resideOutsideOfPackages("..admin..", "..console..", "io.turboprop")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.linecorp.armeria.server..");

  @ArchTest
  static final ArchRule theEngineKnowsNothingOfTheApi =
      noClasses()
          .that()
          .resideOutsideOfPackages("..admin..", "..console..", "..doctor..", "io.turboprop")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.turboprop.admin..");

  @ArchTest
  static final ArchRule nobodyKnowsTheConsole =
      noClasses()
          .that()
          .resideOutsideOfPackages("..console..", "io.turboprop")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.turboprop.console..");

  @ArchTest
  static final ArchRule nobodyKnowsTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackages("..cli..", "io.turboprop")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..cli..");

  @ArchTest
  static final ArchRule acyclic = slices().matching("io.turboprop.(*)..").should().beFreeOfCycles();

  /**
   * A package of its own for each depth, so that rooms of one house know each other in one way. The
   * classes that jOOQ generates know each other in all ways, and nothing else of ours.
   */
  @ArchTest
  static final ArchRule acyclicAtEveryDepth =
      slices()
          .matching("io.turboprop.(**)")
          .should()
          .beFreeOfCycles()
          .ignoreDependency(
              resideInAnyPackage("io.turboprop.store.jooq.."),
              resideInAnyPackage("io.turboprop.store.jooq.."));
}
