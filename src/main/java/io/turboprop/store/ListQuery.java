package io.turboprop.store;

import java.util.List;
import java.util.Optional;

/**
 * One page of a list, as a client asks for it; {@link ListColumns} knows which fields there are.
 *
 * @param filters all must hold
 * @param order none or one; rows that compare equal follow in the order of their insertion
 * @param limit the most rows of the page, at least 1
 * @param bytesMax the page ends with the row that reaches this size, at least 1
 */
public record ListQuery(
    List<Filter> filters, List<Order> order, int limit, long bytesMax, Start start) {

  public ListQuery {
    filters = List.copyOf(filters);
    order = List.copyOf(order);
    if (limit < 1 || bytesMax < 1) {
      throw new IllegalArgumentException("limit " + limit + ", bytes " + bytesMax);
    }
  }

  /** True when a filter names this field, of any entity. */
  public boolean filtersOn(String field) {
    return filters.stream().anyMatch(filter -> filter.field().equals(field));
  }

  /** Where a page begins. */
  public sealed interface Start {
    Start FIRST = new Skip(0);

    /** After this many rows; the database reads them all, so deep pages take long. */
    record Skip(long rows) implements Start {
      public Skip {
        if (rows < 0) {
          throw new IllegalArgumentException("skip " + rows);
        }
      }
    }

    /** After the last row of the page before, wherever that row was; as fast on any page. */
    record After(Position position) implements Start {}
  }

  /**
   * A row's place in the order of a list.
   *
   * @param key the row's value of the column that the list is sorted by; empty for null, or when
   *     the client gave no order
   * @param id the row's value of the column that makes the order total
   */
  public record Position(Optional<String> key, String id) {}

  /**
   * One comparison.
   *
   * @param entity the prefix of the field, as {@code workflow}; empty for the listed entity itself
   * @param values one, or for the set operators at least one
   */
  public record Filter(String entity, String field, Operator operator, List<String> values) {

    public Filter {
      values = List.copyOf(values);
    }

    /** The value of an operator that has only one. */
    public String value() {
      return values.getFirst();
    }
  }

  /** How a filter compares a field with its values. */
  public enum Operator {
    CONTAINS,
    NOT_LIKE,
    GREATER,
    GREATER_OR_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    EQUAL,
    NOT_EQUAL,
    IN,
    NOT_IN
  }

  /** The column to sort by. */
  public record Order(String field, boolean ascending) {}

  /** A filter or an order that names an unknown field, or a value of the wrong type. */
  public static final class InvalidQueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String message;

    public InvalidQueryException(String message) {
      super(message, null, false, false);
      this.message = message;
    }

    @Override
    public String getMessage() {
      return message;
    }
  }
}
