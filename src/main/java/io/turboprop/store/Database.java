package io.turboprop.store;

import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** The one database: a pool of connections, and jOOQ over it. Calls block. */
public record Database(DataSource dataSource, DSLContext sql) {

  public static Database over(DataSource dataSource) {
    return new Database(dataSource, DSL.using(dataSource, SQLDialect.POSTGRES));
  }
}
