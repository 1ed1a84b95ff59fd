package io.turboprop.plugin.pod;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Fnv1a;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The clusters in which pods run, and the choice of one for an execution, as FlyteAdmin chooses: by
 * the execution's pool, then by its label, then by weight. The choice follows from the execution's
 * name and the settings alone, so all attempts of an execution run in one cluster as long as the
 * settings stay, and few executions move when a cluster is added.
 *
 * @param all at least one, with different ids
 * @param defaultLabel the label of executions that have none; may be empty
 */
record TargetClusters(List<TargetCluster> all, String defaultLabel) {
  /** The id of the cluster of the section itself. */
  static final String DEFAULT = "default";

  private static final String CLUSTERS = "clusters";
  private static final Pattern ID = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  TargetClusters {
    all = List.copyOf(all);
  }

  /**
   * Reads the section {@code turboprop.plugins.pod}.
   *
   * @throws ConfigException when a value is not what the setting needs
   */
  static TargetClusters from(Config section) {
    var entries = section.getObject(CLUSTERS);
    var ids = new TreeSet<>(entries.keySet());
    ids.add(DEFAULT);
    var all = new ArrayList<TargetCluster>();
    for (var id : ids) {
      var entry =
          entries.containsKey(id)
              ? section.getConfig(CLUSTERS + ".\"" + id + "\"")
              : ConfigFactory.empty();
      all.add(new Entry(section, id, entry).read());
    }
    requireDifferentClusters(section, all);
    if (all.stream().noneMatch(TargetCluster::takesAttempts)) {
      throw refusal(section, "every cluster has the weight 0, so no cluster takes tasks");
    }
    return new TargetClusters(all, section.getString("default-execution-label"));
  }

  private static void requireDifferentClusters(Config section, List<TargetCluster> all) {
    var known = new HashMap<List<String>, String>();
    for (var cluster : all) {
      var access = cluster.settings().cluster().access();
      var other = known.put(List.of(access.kubeconfig(), access.context()), cluster.id());
      if (other != null) {
        throw refusal(
            section,
            "%s and %s are the same cluster: each needs a kubeconfig or a context of its own"
                .formatted(other, cluster.id()));
      }
    }
  }

  private static ConfigException refusal(Config section, String problem) {
    return new ConfigException.BadValue(
        section.getValue(CLUSTERS).origin(), PodSettings.SECTION + "." + CLUSTERS, problem);
  }

  /** The entry of a cluster; the section's own settings lie below it. */
  private record Entry(Config section, String id, Config entry) {
    TargetCluster read() {
      if (!ID.matcher(id).matches()) {
        throw refusal(
            section,
            "'%s' is no name for a cluster: it needs 1 to 63 letters from a to z, digits and hyphens"
                .formatted(id));
      }
      var path = id.equals(DEFAULT) ? PodSettings.SECTION : ownPath();
      return new TargetCluster(
          id,
          PodSettings.from(entry.withFallback(section), path),
          strings("labels"),
          strings("pools"),
          weight());
    }

    private String ownPath() {
      return PodSettings.SECTION + "." + CLUSTERS + "." + id;
    }

    private Set<String> strings(String key) {
      return entry.hasPath(key) ? new HashSet<>(entry.getStringList(key)) : Set.of();
    }

    private double weight() {
      var weight = entry.hasPath("weight") ? entry.getDouble("weight") : 1;
      if (!(weight >= 0 && weight <= Integer.MAX_VALUE)) {
        throw new ConfigException.BadValue(
            entry.getValue("weight").origin(), ownPath() + ".weight", weight + " is less than 0");
      }
      return weight;
    }
  }

  /** Whether there is more than the cluster of the section itself. */
  boolean areSeveral() {
    return all.size() > 1;
  }

  /**
   * The cluster for new attempts of an execution; empty when its pool has none. As in Flyte, a
   * label that no cluster takes does not count, and neither does a pool while no cluster names any.
   *
   * @param label may be empty
   * @param pool may be empty
   */
  Optional<TargetCluster> choose(ExecutionId execution, String label, String pool) {
    var wanted = label.isEmpty() ? defaultLabel : label;
    var candidates = thatTake(cluster -> isInPool(cluster, pool));
    var labelled =
        candidates.stream().filter(cluster -> cluster.labels().contains(wanted)).toList();
    return (labelled.isEmpty() ? candidates : labelled)
        .stream().max(Comparator.comparingDouble(cluster -> score(execution, cluster)));
  }

  private List<TargetCluster> thatTake(Predicate<TargetCluster> condition) {
    return all.stream().filter(TargetCluster::takesAttempts).filter(condition).toList();
  }

  private boolean isInPool(TargetCluster cluster, String pool) {
    return pool.isEmpty()
        || cluster.pools().contains(pool)
        || all.stream().allMatch(any -> any.pools().isEmpty());
  }

  /**
   * Rendezvous hashing: the share of a cluster is its weight, whatever other clusters there are.
   */
  private static double score(ExecutionId execution, TargetCluster cluster) {
    var seed = Fnv1a.hash64(execution.text() + "/" + cluster.id());
    return Math.log(new SplittableRandom(seed).nextDouble()) / cluster.weight();
  }
}
