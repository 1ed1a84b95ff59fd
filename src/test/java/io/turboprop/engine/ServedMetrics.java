package io.turboprop.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a server has answered to {@code /metrics}.
 *
 * @param series by name of the metric: the labels of each of its series
 */
record ServedMetrics(Map<String, List<Map<String, String>>> series) {
  /** Labels that Prometheus adds to each series. */
  static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

  private static final Pattern LINE = Pattern.compile("(?m)^(\\w+)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /**
   * @param text in the text format of Prometheus
   */
  static ServedMetrics parse(String text) {
    var series = new TreeMap<String, List<Map<String, String>>>();
    LINE.matcher(text)
        .results()
        .forEach(line ->
            series
                .computeIfAbsent(line.group(1), _ -> new ArrayList<>())
                .add(labels(line.group(2) == null ? "" : line.group(2))));
    return new ServedMetrics(series);
  }

  private static Map<String, String> labels(String text) {
    var labels = new TreeMap<String, String>();
    LABEL.matcher(text).results().forEach(found -> labels.put(found.group(1), found.group(2)));
    return labels;
  }

  /** What the expression names and the server does not serve; empty if there is all of it. */
  List<String> missing(PromQl expression) {
    var missing = new ArrayList<String>();
    for (var selector : expression.selectors()) {
      var served = series.getOrDefault(selector.metric(), List.of());
      if (served.isEmpty()) {
        missing.add(selector.metric());
      }
      selector
          .matchers()
          .forEach((label, value) -> {
            if (!OF_PROMETHEUS.contains(label) && !has(served, label, value)) {
              missing.add("%s{%s=%s}".formatted(selector.metric(), label, value));
            }
          });
    }
    expression.grouping().stream()
        .filter(label -> !labels(expression).contains(label))
        .forEach(missing::add);
    return missing;
  }

  private static boolean has(List<Map<String, String>> served, String label, String value) {
    return served.stream()
        .anyMatch(labels ->
            value.isEmpty() ? labels.containsKey(label) : value.equals(labels.get(label)));
  }

  /** The labels that the result of an expression may have. */
  Set<String> labelsOfResult(PromQl expression) {
    return expression.isAggregated() ? expression.grouping() : labels(expression);
  }

  private Set<String> labels(PromQl expression) {
    return expression.selectors().stream()
        .flatMap(selector -> series.getOrDefault(selector.metric(), List.of()).stream())
        .flatMap(labels -> Stream.concat(labels.keySet().stream(), OF_PROMETHEUS.stream()))
        .collect(Collectors.toSet());
  }
}
