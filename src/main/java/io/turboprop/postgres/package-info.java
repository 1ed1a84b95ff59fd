/**
 * The embedded PostgreSQL server: its programs, its folder, its life.
 *
 * <p>Way in: {@link io.turboprop.postgres.EmbeddedPostgresServer}. Way out: an address to connect
 * to. It knows processes and files; it knows no table.
 */
@NullMarked
package io.turboprop.postgres;

import org.jspecify.annotations.NullMarked;
