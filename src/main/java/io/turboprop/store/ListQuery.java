package io.turboprop.store;

import java.util.List;

/**
 * One page of a list, as a client asks for it; {@link ListColumns} knows which fields there are.
 *
 * @param filters all must hold
 * @param order none or one; rows that compare equal follow in the order of their insertion
 * @param limit the most rows of the page, at least 1
 * @param offset the rows before the page
 */
public record ListQuery(List<Filter> filters, List<Order> order, int limit, long offset) {

  public ListQuery {
    filters = List.copyOf(filters);
    order = List.copyOf(order);
    if (limit < 1 || offset < 0) {
      throw new IllegalArgumentException("limit " + limit + ", offset " + offset);
    }
  }

  /** True when a filter names this field, of any entity. */
  public boolean filtersOn(String field) {
    return filters.stream().anyMatch(filter -> filter.field().equals(field));
  }

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

  /** What is compared how. */
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

  /** A filter or order that names what is not there, or a value of the wrong type. */
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
