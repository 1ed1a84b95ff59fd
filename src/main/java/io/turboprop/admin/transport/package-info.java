/**
 * The transport of the API: gRPC, gRPC-Web and REST on the same port, errors, limits.
 *
 * <p>Way in: {@link io.turboprop.admin.transport.AdminServer}, which gets an {@link
 * io.turboprop.admin.transport.RpcTable} per service. Way out: calls of these tables.
 *
 * <p>It knows no service, no table and no actor.
 */
@NullMarked
package io.turboprop.admin.transport;

import org.jspecify.annotations.NullMarked;
