package io.turboprop.store;

import io.turboprop.store.ListQuery.Position;
import io.turboprop.store.ListQuery.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.ResultQuery;
import org.jooq.SelectFieldOrAsterisk;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * Reads one page of a list. The database adds up the sizes of the rows and ends the page where they
 * reach the bound, so a page of large rows never leaves the database whole. The first row is always
 * there, so that a list goes on.
 *
 * <p>A page is read without its large values at first. Only if it has some, all of it is read again
 * by {@link LargeReads}, which now knows the size.
 *
 * @param table the table of the rows
 * @param scope the condition on the rows of the list, before the client's filters
 * @param sizes the columns whose sizes vary; their sum is the size of a row
 */
record PageQuery(
    Table<?> table,
    Condition scope,
    List<? extends Field<?>> fields,
    List<Field<?>> sizes,
    ListColumns columns) {
  private static final Field<Integer> PLACE = DSL.field(DSL.name("page_place"), Integer.class);
  private static final Field<Integer> NUMBER = DSL.field(DSL.name("page_row"), Integer.class);
  private static final Field<Long> BYTES = DSL.field(DSL.name("page_bytes"), Long.class);
  private static final Field<Long> BYTES_BEFORE =
      DSL.field(DSL.name("page_bytes_before"), Long.class);
  private static final Field<Boolean> MORE = DSL.field(DSL.name("page_more"), Boolean.class);
  private static final Field<String> KEY = DSL.field(DSL.name("page_key"), String.class);
  private static final Field<String> ID = DSL.field(DSL.name("page_id"), String.class);

  /** The approximate size of a row without the columns of variable size. */
  private static final long ROW_BYTES = 200;

  <T> Page<T> read(Database database, ListQuery query, Function<Record, T> reader) {
    var sql = database.sql();
    var light = sql.fetch(select(sql, query, LargeReads.SMALL_BYTES_MAX));
    if (light.isEmpty()) {
      return Page.empty();
    }
    var size = light.stream().mapToLong(row -> row.get(BYTES)).sum();
    var rows =
        size <= LargeReads.SMALL_BYTES_MAX
            ? light
            : database.largeReads().read(size, () -> sql.fetch(select(sql, query, size)));
    if (rows.isEmpty()) {
      return Page.empty();
    }
    var last = rows.getLast();
    return new Page<>(
        rows.map(reader::apply),
        last.get(MORE)
            ? Optional.of(new Position(Optional.ofNullable(last.get(KEY)), last.get(ID)))
            : Optional.empty());
  }

  /**
   * The statement that reads a page: from the rows from its start on, and one more that says
   * whether there is a next page, those that its bounds allow.
   *
   * @param valuesMax the values of {@link #sizes} are null from the row on with which the page
   *     becomes larger than this
   */
  ResultQuery<?> select(DSLContext sql, ListQuery query, long valuesMax) {
    var order = columns.order(query);
    var selected = new ArrayList<SelectFieldOrAsterisk>(fields);
    selected.add(DSL.rowNumber().over(DSL.orderBy(order)).as(PLACE));
    selected.add(bytes().as(BYTES));
    selected.add(columns.keyText(query).as(KEY));
    selected.add(columns.idText().as(ID));
    var rows =
        sql.select(selected)
            .from(table)
            .where(scope.and(columns.condition(query)).and(columns.after(query)))
            .orderBy(order)
            .limit(query.limit() + 1)
            .offset(query.start() instanceof Start.Skip(var skipped) ? skipped : 0)
            .asTable("page_rows");
    var page =
        sql.select(
                DSL.asterisk(),
                DSL.rowNumber().over(DSL.orderBy(PLACE)).as(NUMBER),
                DSL.sum(BYTES)
                    .over(DSL.orderBy(PLACE).rowsBetweenUnboundedPreceding().andPreceding(1))
                    .as(BYTES_BEFORE),
                DSL.field(DSL.lead(PLACE).over(DSL.orderBy(PLACE)).isNotNull()).as(MORE))
            .from(rows)
            .asTable("page");
    var before = DSL.coalesce(BYTES_BEFORE, DSL.inline(0L));
    var read = new ArrayList<SelectFieldOrAsterisk>();
    fields.forEach(field -> read.add(upTo(valuesMax, before, field)));
    read.addAll(List.of(BYTES, KEY, ID, MORE));
    return sql.select(read)
        .from(page)
        .where(NUMBER.le(query.limit()))
        .and(before.lt(query.bytesMax()))
        .orderBy(NUMBER);
  }

  private <T> Field<T> upTo(long valuesMax, Field<Long> before, Field<T> field) {
    var value = DSL.field(DSL.name(field.getName()), field.getDataType());
    return sizes.contains(field)
        ? DSL.when(before.plus(BYTES).le(valuesMax), value).as(field.getName())
        : value;
  }

  private Field<Long> bytes() {
    var sum = DSL.inline(ROW_BYTES).plus(0L);
    for (var column : sizes) {
      sum =
          sum.plus(
              DSL.coalesce(DSL.field("octet_length({0})", Long.class, column), DSL.inline(0L)));
    }
    return sum;
  }
}
