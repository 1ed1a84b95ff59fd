package io.turboprop.engine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in one PromQL expression. It reads what our dashboard and alerts are written in:
 * metrics with matchers in braces, ranges, functions, aggregations with {@code by}, and operators.
 *
 * @param selectors in the order of the expression
 * @param grouping the labels that all {@code by (…)} name
 * @param isAggregated whether the result has the labels of {@code by} alone
 */
record PromQl(List<Selector> selectors, Set<String> grouping, boolean isAggregated) {
  private static final Set<String> AGGREGATIONS = Set.of("sum", "max", "min", "avg", "count");
  private static final Set<String> FUNCTIONS = Set.of("rate", "increase", "deriv", "max_over_time");
  private static final Set<String> OPERATORS = Set.of("and", "or", "unless");

  /** A range, a string, a name, a number, or any other single character. */
  private static final Pattern TOKEN =
      Pattern.compile("\\[[^\\]]*]|\"[^\"]*\"|[A-Za-z_:][A-Za-z0-9_:]*|[0-9.]+|=~|!~|!=|[^\\s]");

  /**
   * One metric, and what is asked of its labels.
   *
   * @param matchers by label: the value where it must be equal, else empty
   */
  record Selector(String metric, Map<String, String> matchers) {}

  /**
   * @throws IllegalArgumentException when the expression uses what this reader does not know
   */
  static PromQl parse(String expression) {
    var reader = new Reader(expression);
    reader.read();
    return new PromQl(
        List.copyOf(reader.selectors), Set.copyOf(reader.grouping), reader.aggregated);
  }

  private static final class Reader {
    private final String expression;
    private final List<String> tokens = new ArrayList<>();
    private final List<Selector> selectors = new ArrayList<>();
    private final Set<String> grouping = new HashSet<>();
    private boolean aggregated;
    private int at;

    Reader(String expression) {
      this.expression = expression;
      Matcher matcher = TOKEN.matcher(expression);
      while (matcher.find()) {
        tokens.add(matcher.group());
      }
    }

    void read() {
      while (at < tokens.size()) {
        var token = next();
        if (!Character.isLetter(token.charAt(0)) || OPERATORS.contains(token)) {
          continue;
        }
        if (AGGREGATIONS.contains(token)) {
          aggregated = true;
          if (peek().equals("by")) {
            next();
            readGrouping();
          }
        } else if (peek().equals("(")) {
          require(FUNCTIONS.contains(token), token);
        } else {
          selectors.add(new Selector(token, peek().equals("{") ? readMatchers() : Map.of()));
        }
      }
    }

    private void readGrouping() {
      expect("(");
      for (var token = next(); !token.equals(")"); token = next()) {
        if (!token.equals(",")) {
          grouping.add(token);
        }
      }
    }

    private Map<String, String> readMatchers() {
      var matchers = new TreeMap<String, String>();
      expect("{");
      for (var token = next(); !token.equals("}"); token = next()) {
        if (token.equals(",")) {
          continue;
        }
        var operator = next();
        var value = next();
        matchers.put(token, operator.equals("=") ? value.substring(1, value.length() - 1) : "");
      }
      return matchers;
    }

    private String peek() {
      return at < tokens.size() ? tokens.get(at) : "";
    }

    private String next() {
      require(at < tokens.size(), "its end");
      return tokens.get(at++);
    }

    private void expect(String wanted) {
      require(next().equals(wanted), wanted + " is missing");
    }

    private void require(boolean holds, String what) {
      if (!holds) {
        throw new IllegalArgumentException("%s in %s".formatted(what, expression));
      }
    }
  }
}
