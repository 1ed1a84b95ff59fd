/**
 * Runs the embedded PostgreSQL server: its programs, its folder, its process.
 *
 * <p>Way in: {@link io.turboprop.postgres.EmbeddedPostgresServer}. Way out: the address of a
 * server. The package knows processes and files; it knows no table and no execution.
 */
@NullMarked
package io.turboprop.postgres;

import org.jspecify.annotations.NullMarked;
