package io.turboprop.store;

import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.InvalidQueryException;
import io.turboprop.store.ListQuery.Order;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.SortField;
import org.jooq.impl.DSL;

/**
 * The fields of one listing that clients may filter and sort by, and how they become SQL.
 *
 * <p>Names are FlyteAdmin's column names; a field of another entity is named with its prefix, as
 * {@code workflow.name}. Whatever a client sends that is not in here is refused with {@link
 * InvalidQueryException}, never passed on.
 */
public final class ListColumns {
  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|µs|ns)");
  private static final Map<String, Double> SECONDS =
      Map.of("h", 3600.0, "m", 60.0, "s", 1.0, "ms", 1e-3, "us", 1e-6, "µs", 1e-6, "ns", 1e-9);

  private final String code;
  private final Field<?> tiebreak;
  private final Map<String, Column<?>> columns = new LinkedHashMap<>();

  private record Column<T>(Field<T> field, Function<String, T> parse) {

    Condition condition(Filter filter) {
      return switch (filter.operator()) {
        case CONTAINS -> text().contains(filter.value());
        case NOT_LIKE -> text().notLike(filter.value());
        case GREATER -> field.gt(parse.apply(filter.value()));
        case GREATER_OR_EQUAL -> field.ge(parse.apply(filter.value()));
        case LESS -> field.lt(parse.apply(filter.value()));
        case LESS_OR_EQUAL -> field.le(parse.apply(filter.value()));
        case EQUAL -> field.eq(parse.apply(filter.value()));
        case NOT_EQUAL -> field.ne(parse.apply(filter.value()));
        case IN -> field.in(values(filter));
        case NOT_IN -> field.notIn(values(filter));
      };
    }

    private Field<String> text() {
      return field.cast(String.class);
    }

    private List<T> values(Filter filter) {
      return filter.values().stream().map(parse).toList();
    }
  }

  private ListColumns(String code, Field<?> tiebreak) {
    this.code = code;
    this.tiebreak = tiebreak;
  }

  /**
   * Starts with no field.
   *
   * @param code FlyteAdmin's short name of the listed entity in messages, as {@code t} for tasks
   * @param tiebreak a unique column that grows with every insertion
   */
  public static ListColumns of(String code, Field<?> tiebreak) {
    return new ListColumns(code, tiebreak);
  }

  /** A column of text, or an enum stored by name. */
  public ListColumns text(String name, Field<String> field) {
    return put(name, field, value -> value);
  }

  /** A column of whole numbers. */
  public ListColumns number(String name, Field<Long> field) {
    return put(name, field, value -> number(name, value));
  }

  /** An enum stored by number, which a filter may name or number. */
  public ListColumns numbered(String name, Field<Long> field, Map<String, Long> numbers) {
    return put(
        name,
        field,
        value -> numbers.containsKey(value) ? numbers.get(value) : number(name, value));
  }

  /** A column of moments; values are RFC 3339. */
  public ListColumns moment(String name, Field<OffsetDateTime> field) {
    return put(name, field, value -> moment(name, value));
  }

  /** A column of seconds; values are seconds, or durations as {@code 1m30s}. */
  public ListColumns seconds(String name, Field<Double> field) {
    return put(name, field, value -> seconds(name, value));
  }

  /** All filters together. */
  public Condition condition(ListQuery query) {
    return DSL.and(
        query.filters().stream()
            .map(filter -> column(filter.entity(), filter.field()).condition(filter))
            .toList());
  }

  /** The order, made total by the order of insertion, so that pages neither overlap nor skip. */
  public List<SortField<?>> order(ListQuery query) {
    var fields = new ArrayList<SortField<?>>();
    for (var order : query.order()) {
      fields.add(sorted(sortColumn(order).field(), order.ascending()));
    }
    var ascending = query.order().isEmpty() || query.order().getLast().ascending();
    fields.add(sorted(tiebreak, ascending));
    return fields;
  }

  private static SortField<?> sorted(Field<?> field, boolean ascending) {
    return ascending ? field.asc() : field.desc();
  }

  private <T> ListColumns put(String name, Field<T> field, Function<String, T> parse) {
    columns.put(name, new Column<>(field, parse));
    return this;
  }

  private Column<?> column(String entity, String field) {
    var column = columns.get(entity.isEmpty() ? field : entity + "." + field);
    if (column != null) {
      return column;
    }
    if (entity.isEmpty() || joins(entity)) {
      throw new InvalidQueryException(
          "'" + (entity.isEmpty() ? code : entity) + "." + field + "' is invalid filter");
    }
    throw new InvalidQueryException("'" + entity + "' entity is not allowed in filters");
  }

  private boolean joins(String entity) {
    return columns.keySet().stream().anyMatch(name -> name.startsWith(entity + "."));
  }

  private Column<?> sortColumn(Order order) {
    var column = columns.get(order.field());
    if (column == null) {
      throw new InvalidQueryException("invalid sort key '" + order.field() + "'");
    }
    return column;
  }

  private static long number(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException _) {
      throw invalid(name, value, "a whole number");
    }
  }

  private static OffsetDateTime moment(String name, String value) {
    try {
      return OffsetDateTime.parse(value);
    } catch (DateTimeException _) {
      throw invalid(name, value, "an RFC 3339 time");
    }
  }

  /** Seconds from {@code 90}, {@code 1.5} or Go's form {@code 1m30s}. */
  private static double seconds(String name, String value) {
    var parts = DURATION_PART.matcher(value);
    var seconds = 0.0;
    var end = 0;
    while (parts.find() && parts.start() == end) {
      seconds += Double.parseDouble(parts.group(1)) * SECONDS.getOrDefault(parts.group(2), 0.0);
      end = parts.end();
    }
    if (end > 0 && end == value.length()) {
      return seconds;
    }
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException _) {
      throw invalid(name, value, "seconds or a duration");
    }
  }

  private static InvalidQueryException invalid(String name, String value, String expected) {
    return new InvalidQueryException(
        "invalid value '" + value + "' for " + name + ": not " + expected);
  }
}
