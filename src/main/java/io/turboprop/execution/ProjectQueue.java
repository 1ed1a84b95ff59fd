package io.turboprop.execution;

import com.typesafe.config.Config;
import io.turboprop.data.ExecutionId;
import io.turboprop.setting.Section;
import io.turboprop.store.QueueTables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Limits how many executions of a project are under way at once. More are accepted and wait, those
 * of a project in the order of their acceptance. Projects take turns, so that none waits for
 * another's queue.
 */
public final class ProjectQueue {
  /** Why an execution waits, for users. */
  public static final String REASON =
      "the project has as many executions under way as it may have"
          + " (turboprop.workflow.executions-max-of-projects, or executions-max-per-project for a"
          + " project that it does not name); this one begins when it is its turn";

  /** The most executions of one project that start before the next project's turn. */
  private static final int BATCH_SIZE = 10;

  private final QueueTables tables;
  private final Limits limits;

  /**
   * The limits of the section {@code turboprop.workflow}.
   *
   * @param underWayMax the limit of executions under way of a project that has no limit of its own;
   *     0 for no limit
   * @param ofProjects the limits of some projects by name; 0 for no limit
   * @param queuedMax how many executions of a project may wait
   */
  public record Limits(int underWayMax, Map<String, Integer> ofProjects, int queuedMax) {
    public static final Limits NONE = new Limits(0, Map.of(), 1);

    public Limits {
      ofProjects = Map.copyOf(ofProjects);
    }

    /**
     * Reads the section {@code workflow} of the section {@code turboprop}.
     *
     * @throws com.typesafe.config.ConfigException when a value is out of bounds; the message names
     *     the setting
     */
    public static Limits from(Config turboprop) {
      var workflow = Section.of(turboprop, "workflow");
      var projects = workflow.section("executions-max-of-projects");
      var ofProjects = new HashMap<String, Integer>();
      for (var project : projects.config().root().keySet()) {
        ofProjects.put(project, projects.number('"' + project + '"', 0));
      }
      return new Limits(
          workflow.number("executions-max-per-project", 0),
          ofProjects,
          workflow.number("queued-max-per-project", 1));
    }

    private int of(String project) {
      var max = ofProjects.getOrDefault(project, underWayMax);
      return max == 0 ? Integer.MAX_VALUE : max;
    }
  }

  public ProjectQueue(QueueTables tables, Limits limits) {
    this.tables = tables;
    this.limits = limits;
  }

  /** Whether executions of the project have to wait if too many are under way. */
  public boolean isLimited(String project) {
    return limits.of(project) < Integer.MAX_VALUE;
  }

  /** Whether no more executions of the project may wait. Blocks. */
  public boolean isFull(String project) {
    return isLimited(project) && tables.isAsLongAs(project, limits.queuedMax());
  }

  /** Takes the executions of a project that may start now out of the queue. Blocks. */
  public List<ExecutionId> release(String project) {
    return tables.release(project, limits.of(project), BATCH_SIZE);
  }

  /**
   * Takes executions of all projects that may start now out of the queue. Blocks.
   *
   * @param limit how many to take at most; the others stay in the queue
   */
  public List<ExecutionId> release(int limit) {
    var released = new ArrayList<ExecutionId>();
    for (var project : tables.projects()) {
      if (released.size() == limit) {
        break;
      }
      released.addAll(tables.release(project, limits.of(project), limit - released.size()));
    }
    return released;
  }
}
