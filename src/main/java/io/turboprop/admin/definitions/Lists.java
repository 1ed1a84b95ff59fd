package io.turboprop.admin.definitions;

import flyteidl.admin.Common.Sort;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.store.ListQuery;
import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.Page;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The common parts of all list calls: filters, order, and the bounds of a page.
 *
 * <p>Filters are {@code function(field,value)} joined by {@code +}. A page ends with the client's
 * limit or with its bytes, whichever comes first; its token continues from there, see {@link
 * PageToken}.
 *
 * @param bytesMax setting {@code turboprop.admin.list-bytes-max}: the size of the rows of a page
 */
public record Lists(long bytesMax) {
  /** The most rows of a page; a client that requests more gets this many and a token. */
  public static final int LIMIT_MAX = 10_000;

  private static final Pattern EXPRESSION =
      Pattern.compile("(\\w+)\\(([\\w.]+), ?(.*)\\)", Pattern.DOTALL);
  private static final Pattern SEAM = Pattern.compile("(?<=\\))\\+(?=\\w+\\()");
  private static final Map<String, Operator> OPERATORS =
      Map.of(
          "contains", Operator.CONTAINS,
          "not_like", Operator.NOT_LIKE,
          "gt", Operator.GREATER,
          "gte", Operator.GREATER_OR_EQUAL,
          "lt", Operator.LESS,
          "lte", Operator.LESS_OR_EQUAL,
          "eq", Operator.EQUAL,
          "ne", Operator.NOT_EQUAL,
          "value_in", Operator.IN,
          "value_not_in", Operator.NOT_IN);

  /**
   * Reads a list request.
   *
   * @param limit unsigned; 0 is refused
   * @param sortBy an empty key means that the client gives no order
   * @throws AdminException {@code INVALID_ARGUMENT} for a limit of 0, a token of another list, or
   *     filters of another form
   */
  public ListQuery query(int limit, String token, String filters, Sort sortBy) {
    if (limit == 0) {
      throw AdminException.invalidArgument("invalid value for limit");
    }
    var order = order(sortBy);
    return new ListQuery(
        parseFilters(filters), order, effective(limit), bytesMax, PageToken.start(token, order));
  }

  /** Reads a list request that need not have a limit: 0 means all rows (ListProjects). */
  public ListQuery unlimited(int limit, String token, String filters, Sort sortBy) {
    return query(limit == 0 ? LIMIT_MAX : limit, token, filters, sortBy);
  }

  /** The token of the next page; empty when there is none. */
  public static String nextToken(ListQuery query, Page<?> page) {
    return page.last().map(position -> PageToken.after(position, query.order())).orElse("");
  }

  /** Parses filters; an empty text gives none. */
  static List<Filter> parseFilters(String text) {
    return text.isBlank() ? List.of() : SEAM.splitAsStream(text).map(Lists::parseFilter).toList();
  }

  private static Filter parseFilter(String expression) {
    var matcher = EXPRESSION.matcher(expression.strip());
    if (!matcher.matches()) {
      throw AdminException.invalidArgument("invalid value for filters: " + expression);
    }
    var operator = OPERATORS.get(matcher.group(1));
    if (operator == null) {
      throw AdminException.invalidArgument("unrecognized filter function: " + matcher.group(1));
    }
    var values = values(operator, matcher.group(3));
    if (values.stream().anyMatch(String::isEmpty)) {
      throw AdminException.invalidArgument(
          "invalid value for filters: " + expression + " has an empty value");
    }
    var field = matcher.group(2);
    var dot = field.lastIndexOf('.');
    return new Filter(
        dot < 0 ? "" : field.substring(0, dot), field.substring(dot + 1), operator, values);
  }

  private static List<String> values(Operator operator, String text) {
    return switch (operator) {
      case IN, NOT_IN -> Arrays.asList(text.split(";", -1));
      case CONTAINS, NOT_LIKE, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, EQUAL, NOT_EQUAL ->
          List.of(text);
    };
  }

  private static List<Order> order(Sort sortBy) {
    return sortBy.getKey().isEmpty()
        ? List.of()
        : List.of(new Order(sortBy.getKey(), sortBy.getDirection() == Sort.Direction.ASCENDING));
  }

  private static int effective(int limit) {
    return limit < 0 ? LIMIT_MAX : Math.min(limit, LIMIT_MAX);
  }
}
