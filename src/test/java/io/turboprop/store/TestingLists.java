package io.turboprop.store;

import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.ListQuery.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Queries of pages, and lists that are read page after page. */
public final class TestingLists {
  private static final long BYTES_MAX = 1 << 24;

  private TestingLists() {}

  /** A page after so many rows. */
  public static ListQuery query(
      List<Filter> filters, List<Order> order, int limit, long skippedRows) {
    return new ListQuery(filters, order, limit, BYTES_MAX, new Start.Skip(skippedRows));
  }

  /** All rows of a list, each page of which begins where the one before it ended. */
  static <T> List<T> pages(ListQuery query, Function<ListQuery, Page<T>> list) {
    var all = new ArrayList<T>();
    var page = list.apply(query);
    all.addAll(page.rows());
    while (page.last().isPresent()) {
      page = list.apply(from(query, new Start.After(page.last().orElseThrow())));
      all.addAll(page.rows());
    }
    return all;
  }

  static ListQuery from(ListQuery query, Start start) {
    return new ListQuery(query.filters(), query.order(), query.limit(), query.bytesMax(), start);
  }
}
