/**
 * How calls come in and answers go out: gRPC, gRPC-Web and REST on one port, errors, limits.
 *
 * <p>Way in: {@link io.turboprop.admin.transport.AdminServer}, which is given one {@link
 * io.turboprop.admin.transport.RpcTable} per service. Way out: calls of these tables.
 *
 * <p>It knows no service, no table and no actor.
 */
@NullMarked
package io.turboprop.admin.transport;

import org.jspecify.annotations.NullMarked;
