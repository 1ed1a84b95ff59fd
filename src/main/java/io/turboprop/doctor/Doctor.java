package io.turboprop.doctor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.cluster.ClusterSettings;
import io.turboprop.cluster.WorkflowSettings;
import io.turboprop.data.DataSettings;
import io.turboprop.data.object.ObjectSettings;
import io.turboprop.setting.Section;
import io.turboprop.store.ServerReport;
import io.turboprop.store.StoreSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Examines everything that an engine with given settings depends on. */
public final class Doctor {
  private static final String SETTINGS = "settings";

  private final Config turboprop;
  private final List<Finding> findings = new ArrayList<>();

  private Doctor(Config turboprop) {
    this.turboprop = turboprop;
  }

  /**
   * Examines; blocks for some seconds where something does not answer.
   *
   * @param turboprop the section {@code turboprop}, resolved
   */
  public static List<Finding> examine(Config turboprop) {
    var doctor = new Doctor(turboprop);
    doctor.examineAll();
    return List.copyOf(doctor.findings);
  }

  private void examineAll() {
    var store = read(config -> StoreSettings.from(config.getConfig("store")));
    var cluster = read(ClusterSettings::from);
    var workflow = read(WorkflowSettings::from);
    var data = read(config -> DataSettings.from(config.getConfig("data")));
    var objects = read(config -> ObjectSettings.from(Section.of(config, "data")));
    var admin = read(config -> AdminSettings.from(config.getConfig("admin")));
    if (findings.isEmpty()) {
      findings.add(Finding.ok(SETTINGS, "all settings can be read"));
    }
    Optional<ServerReport> server =
        store.flatMap(settings ->
            new DatabaseExamination(
                    settings, cluster.map(ClusterSettings::isStandalone).orElse(true))
                .examine(findings));
    if (data.isPresent() && objects.isPresent()) {
      BlobStoreExamination.examine(
          data.orElseThrow(),
          objects.orElseThrow(),
          cluster.map(ClusterSettings::isStandalone).orElse(true),
          server.flatMap(ServerReport::blobStore),
          findings);
    }
    if (cluster.isPresent() && admin.isPresent()) {
      new ClusterExamination(
              cluster.orElseThrow(), server.map(ServerReport::nodes).orElse(List.of()))
          .examine(admin.orElseThrow().address(), findings);
    }
    workflow.ifPresent(settings ->
        server.ifPresent(report -> ClusterExamination.shards(settings.shards(), report, findings)));
    KubernetesExamination.examine(turboprop, findings);
  }

  private <T> Optional<T> read(Function<Config, T> settings) {
    try {
      return Optional.of(settings.apply(turboprop));
    } catch (ConfigException | IllegalArgumentException wrong) {
      findings.add(Finding.problem(SETTINGS, String.valueOf(wrong.getMessage())));
      return Optional.empty();
    }
  }
}
