package io.turboprop.store;

import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.InvalidQueryException;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.ListQuery.Position;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.SortField;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one listing by which clients may filter and sort, with their SQL.
 *
 * <p>Names are FlyteAdmin's column names. A client may put the listed entity in front of a field,
 * as in {@code execution.phase}; a field of another entity needs that prefix, as in {@code
 * workflow.name}. An unknown name or value is refused with {@link InvalidQueryException}.
 */
public final class ListColumns {
  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|µs|ns)");
  private static final Map<String, Double> SECONDS =
      Map.of("h", 3600.0, "m", 60.0, "s", 1.0, "ms", 1e-3, "us", 1e-6, "µs", 1e-6, "ns", 1e-9);
  private static final int YEAR_MAX = 9999;

  private final String code;
  private final String entity;
  private final SortKey<?> id;
  private final Map<String, Column> columns = new LinkedHashMap<>();
  private final Map<String, Joined> joined = new LinkedHashMap<>();
  private Optional<SortKey<?>> unsorted = Optional.empty();

  /** The filter condition and the sort key of a field. */
  private record Column(Function<Filter, Condition> condition, SortKey<?> sortKey) {}

  /**
   * The fields of another entity; {@code exists} makes a condition on that entity's rows a
   * condition on the listed row.
   */
  private record Joined(ListColumns columns, UnaryOperator<Condition> exists) {}

  /**
   * A column by which a list is sorted.
   *
   * @param nullable whether the column may be null; PostgreSQL sorts null after all values
   * @param text the value as text; {@code parse} turns it back into exactly the same value
   */
  private record SortKey<T>(
      Field<T> field, boolean nullable, Field<String> text, Function<String, T> parse) {

    SortField<T> sorted(boolean ascending) {
      return ascending ? field.asc() : field.desc();
    }

    Field<T> value(String value) {
      return DSL.val(parse.apply(value), field);
    }

    /** The rows that follow the rows with this value; empty stands for null. */
    Condition beyond(Optional<String> value, boolean ascending) {
      if (value.isEmpty()) {
        return ascending ? DSL.falseCondition() : field.isNotNull();
      }
      var beyond =
          ascending ? field.gt(value(value.orElseThrow())) : field.lt(value(value.orElseThrow()));
      return nullable && ascending ? beyond.or(field.isNull()) : beyond;
    }

    Condition same(Optional<String> value) {
      return value.map(text -> field.eq(value(text))).orElseGet(field::isNull);
    }
  }

  private ListColumns(String code, String entity, SortKey<?> id) {
    this.code = code;
    this.entity = entity;
    this.id = id;
  }

  /**
   * A listing without fields.
   *
   * @param code FlyteAdmin's short name of the listed entity in messages, as {@code t} for tasks
   * @param entity the entity's name as a prefix of fields, as {@code task}
   * @param id a column without nulls that makes every order total
   */
  public static ListColumns of(String code, String entity, Field<? extends Number> id) {
    return new ListColumns(code, entity, numberKey(whole(id), false));
  }

  /** A listing without fields, with an id that is text. */
  public static ListColumns ofText(String code, String entity, Field<String> id) {
    return new ListColumns(code, entity, textKey(id, false));
  }

  /**
   * Sorts lists for which the client gives no order by this column, and then by the id. Without
   * this call, such lists are sorted by the id.
   */
  public ListColumns unsortedBy(String name) {
    unsorted = Optional.of(sortColumn(new Order(name, true)).sortKey());
    return this;
  }

  /** A column of text without nulls. */
  public ListColumns text(String name, Field<String> field) {
    return put(name, filter -> text(field, filter), textKey(field, false));
  }

  /** A column of text that may be null. */
  public ListColumns nullableText(String name, Field<String> field) {
    return put(name, filter -> text(field, filter), textKey(field, true));
  }

  /** A column of text that counts as null where the condition does not hold. */
  public ListColumns textIf(Condition given, String name, Field<String> field) {
    return put(name, filter -> given.and(text(field, filter)), textKey(field, true));
  }

  /** A column of whole numbers without nulls. */
  public ListColumns number(String name, Field<? extends Number> column) {
    var field = whole(column);
    return put(
        name,
        filter -> compare(field, field.cast(String.class), filter, value -> number(name, value)),
        numberKey(field, false));
  }

  /**
   * An enum that FlyteAdmin stores by name and this engine by number: filters compare the names. A
   * filter for equality may also give the number.
   */
  public ListColumns named(String name, Field<? extends Number> column, Map<String, Long> numbers) {
    var field = whole(column);
    return put(
        name,
        filter -> isOneOf(field, NamedFilters.chosen(name, numbers, filter)),
        numberKey(rankOfName(field, numbers), true));
  }

  /** An enum that FlyteAdmin also stores by number; a filter may give the number or the name. */
  public ListColumns numbered(
      String name, Field<? extends Number> column, Map<String, Long> numbers) {
    var field = whole(column);
    return put(
        name,
        filter ->
            compare(
                field,
                field.cast(String.class),
                filter,
                value -> numbers.containsKey(value) ? numbers.get(value) : number(name, value)),
        numberKey(field, false));
  }

  /** A column of moments without nulls; values are RFC 3339. */
  public ListColumns moment(String name, Field<Instant> field) {
    return moment(name, field, false);
  }

  /** A column of moments that may be null. */
  public ListColumns nullableMoment(String name, Field<Instant> field) {
    return moment(name, field, true);
  }

  private ListColumns moment(String name, Field<Instant> field, boolean nullable) {
    return put(
        name,
        filter -> compare(field, field.cast(String.class), filter, value -> moment(name, value)),
        momentKey(field, nullable));
  }

  /** A column of seconds without nulls; values are seconds, or durations as {@code 1m30s}. */
  public ListColumns seconds(String name, Field<Double> field) {
    return put(
        name,
        filter -> compare(field, field.cast(String.class), filter, value -> seconds(name, value)),
        new SortKey<>(field, false, field.cast(String.class), Double::valueOf));
  }

  /**
   * The fields of another entity: one row of it must meet all filters that name the entity.
   *
   * @param exists makes a condition on the other entity's fields the condition that such a row
   *     belongs to the listed row
   */
  public ListColumns joined(String name, ListColumns other, UnaryOperator<Condition> exists) {
    joined.put(name, new Joined(other, exists));
    return this;
  }

  /** The condition that all filters hold. */
  public Condition condition(ListQuery query) {
    return condition(query.filters());
  }

  Condition condition(List<Filter> filters) {
    var own =
        filters.stream()
            .filter(filter -> !joined.containsKey(filter.entity()))
            .map(filter -> column(filter).condition().apply(filter));
    var others =
        filters.stream()
            .filter(filter -> joined.containsKey(filter.entity()))
            .collect(Collectors.groupingBy(Filter::entity, LinkedHashMap::new, Collectors.toList()))
            .entrySet()
            .stream()
            .map(entry -> joined(joined.get(entry.getKey()), entry.getValue()));
    return DSL.and(Stream.concat(own, others).toList());
  }

  private static Condition joined(@Nullable Joined other, List<Filter> filters) {
    var entity = Objects.requireNonNull(other);
    var plain =
        filters.stream()
            .map(filter -> new Filter("", filter.field(), filter.operator(), filter.values()))
            .toList();
    return entity.exists().apply(entity.columns().condition(plain));
  }

  /** The order of the list. The id makes it total, so that pages neither overlap nor skip rows. */
  public List<SortField<?>> order(ListQuery query) {
    var ascending = ascending(query);
    var fields = new ArrayList<SortField<?>>();
    sortKey(query).ifPresent(key -> fields.add(key.sorted(ascending)));
    fields.add(id.sorted(ascending));
    return fields;
  }

  /** The condition on the rows of this page: those after the last row of the previous page. */
  Condition after(ListQuery query) {
    return switch (query.start()) {
      case ListQuery.Start.Skip _ -> DSL.noCondition();
      case ListQuery.Start.After(var position) -> after(query, position);
    };
  }

  private Condition after(ListQuery query, Position position) {
    try {
      var ascending = ascending(query);
      var sameId = id.beyond(Optional.of(position.id()), ascending);
      return sortKey(query)
          .map(key ->
              key.nullable()
                  ? key.beyond(position.key(), ascending).or(key.same(position.key()).and(sameId))
                  : rowBeyond(key, position, ascending))
          .orElse(sameId);
    } catch (NumberFormatException | DateTimeException | NoSuchElementException _) {
      throw new InvalidQueryException("invalid pagination token: its list has another order");
    }
  }

  /**
   * One comparison of both columns as a row, so that PostgreSQL starts its scan of an index of both
   * columns at this position.
   */
  private Condition rowBeyond(SortKey<?> key, Position position, boolean ascending) {
    var row = DSL.row(key.field(), id.field());
    var last = DSL.row(key.value(position.key().orElseThrow()), id.value(position.id()));
    return DSL.condition(ascending ? "{0} > {1}" : "{0} < {1}", row, last);
  }

  /** The value of the sort column as text; null if the list is sorted by the id alone. */
  Field<String> keyText(ListQuery query) {
    return sortKey(query)
        .<Field<String>>map(SortKey::text)
        .orElseGet(() -> DSL.castNull(String.class));
  }

  Field<String> idText() {
    return id.text();
  }

  private static boolean ascending(ListQuery query) {
    return query.order().isEmpty() || query.order().getLast().ascending();
  }

  private Optional<SortKey<?>> sortKey(ListQuery query) {
    return query.order().isEmpty()
        ? unsorted
        : Optional.of(sortColumn(query.order().getFirst()).sortKey());
  }

  private ListColumns put(String name, Function<Filter, Condition> condition, SortKey<?> sortKey) {
    columns.put(name, new Column(condition, sortKey));
    return this;
  }

  private Column column(Filter filter) {
    var own = filter.entity().isEmpty() || filter.entity().equals(entity);
    var column = columns.get(own ? filter.field() : filter.entity() + "." + filter.field());
    if (column != null) {
      return column;
    }
    if (own || isPrefix(filter.entity())) {
      throw new InvalidQueryException(
          "'" + (own ? code : filter.entity()) + "." + filter.field() + "' is invalid filter");
    }
    throw new InvalidQueryException("'" + filter.entity() + "' entity is not allowed in filters");
  }

  private boolean isPrefix(String prefix) {
    return columns.keySet().stream().anyMatch(name -> name.startsWith(prefix + "."));
  }

  private Column sortColumn(Order order) {
    var prefix = entity + ".";
    var column =
        columns.get(
            order.field().startsWith(prefix)
                ? order.field().substring(prefix.length())
                : order.field());
    if (column == null) {
      throw new InvalidQueryException("invalid sort key '" + order.field() + "'");
    }
    return column;
  }

  private static Condition text(Field<String> field, Filter filter) {
    return compare(field, field, filter, ListColumns::text);
  }

  private static <T> Condition compare(
      Field<T> field, Field<String> text, Filter filter, Function<String, T> parse) {
    return switch (filter.operator()) {
      case CONTAINS -> text.like("%" + escaped(text(filter.value())) + "%");
      case NOT_LIKE -> text.notLike(text(filter.value()));
      case GREATER -> field.gt(parse.apply(filter.value()));
      case GREATER_OR_EQUAL -> field.ge(parse.apply(filter.value()));
      case LESS -> field.lt(parse.apply(filter.value()));
      case LESS_OR_EQUAL -> field.le(parse.apply(filter.value()));
      case EQUAL -> field.eq(parse.apply(filter.value()));
      case NOT_EQUAL -> field.ne(parse.apply(filter.value()));
      case IN -> field.eq(DSL.any(values(field, filter, parse)));
      case NOT_IN -> field.ne(DSL.all(values(field, filter, parse)));
    };
  }

  /** An array as one parameter, so that the statement is the same for any number of values. */
  private static <T> Field<T[]> values(Field<T> field, Filter filter, Function<String, T> parse) {
    var type = field.getDataType().array();
    return DSL.val(filter.values().stream().map(parse).toArray(), type);
  }

  /** Uses constants, so that the planner can choose a partial index on some of the numbers. */
  static Condition isOneOf(Field<? extends Number> column, List<Long> numbers) {
    var field = whole(column);
    return numbers.size() == 1
        ? field.eq(DSL.inline(numbers.getFirst()))
        : field.in(numbers.stream().map(DSL::inline).toList());
  }

  /**
   * The rank of an enum's name in alphabetical order, since FlyteAdmin sorts such a column by name.
   */
  private static Field<Long> rankOfName(Field<Long> field, Map<String, Long> numbers) {
    var ranks = new LinkedHashMap<Long, Long>();
    numbers.keySet().stream()
        .sorted()
        .forEach(name -> ranks.put(numbers.get(name), (long) ranks.size()));
    return ranks.isEmpty() ? field : DSL.choose(field).mapValues(ranks);
  }

  /** Treats number columns of all sizes as {@code long} in Java; adds no cast to the SQL. */
  private static Field<Long> whole(Field<? extends Number> column) {
    return column.coerce(Long.class);
  }

  private static SortKey<String> textKey(Field<String> field, boolean nullable) {
    return new SortKey<>(field, nullable, field, ListColumns::text);
  }

  private static SortKey<Long> numberKey(Field<Long> field, boolean nullable) {
    return new SortKey<>(field, nullable, field.cast(String.class), Long::valueOf);
  }

  private static SortKey<Instant> momentKey(Field<Instant> field, boolean nullable) {
    var micros = DSL.field("cast(extract(epoch from {0}) * 1000000 as bigint)", Long.class, field);
    return new SortKey<>(
        field, nullable, micros.cast(String.class), text -> moment(Long.parseLong(text)));
  }

  private static Instant moment(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** Escapes in Java and not in SQL, because the trigram index is not used for an expression. */
  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }

  private static String text(String value) {
    if (value.indexOf('\0') >= 0) {
      throw new InvalidQueryException("invalid value: no text has a NUL character in it");
    }
    return value;
  }

  private static long number(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException _) {
      throw invalid(name, value, "a whole number");
    }
  }

  private static Instant moment(String name, String value) {
    try {
      var moment = OffsetDateTime.parse(value);
      if (moment.getYear() >= 0 && moment.getYear() <= YEAR_MAX) {
        return moment.toInstant();
      }
    } catch (DateTimeException _) {
      // refused below, as a year of five digits is
    }
    throw invalid(name, value, "an RFC 3339 time");
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

  static InvalidQueryException invalid(String name, String value, String expected) {
    return new InvalidQueryException(
        "invalid value '" + value + "' for " + name + ": not " + expected);
  }
}
