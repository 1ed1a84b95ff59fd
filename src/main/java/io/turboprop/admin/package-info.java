/**
 * The API: FlyteAdmin's services over gRPC, gRPC-Web and REST on one port, and the files of the
 * data proxy.
 *
 * <p>Way in: {@link io.turboprop.admin.transport.AdminServer}, which gets an {@link
 * io.turboprop.admin.transport.RpcTable} per service; each part of a service binds its own methods
 * to the table. Way out: rows of {@code store}, readers of {@code execution}, and the facade of
 * {@code workflow}.
 *
 * <p>The API translates, calls, and translates back; it refuses with {@link
 * io.turboprop.admin.transport.AdminException}. It must not know SQL, actors, or how a node is run.
 */
@NullMarked
package io.turboprop.admin;

import org.jspecify.annotations.NullMarked;
