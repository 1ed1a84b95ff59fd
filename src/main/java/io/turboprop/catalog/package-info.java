/**
 * The task cache: the outputs of task runs by their key, and reservations of keys whose outputs are
 * being made.
 *
 * <p>Way in: {@link io.turboprop.catalog.Catalog} with a {@link io.turboprop.catalog.CacheKey}. Way
 * out: literals, and flyteidl's metadata of where they came from. It knows the catalog's tables and
 * the blob store; nothing of executions, nodes or plugins.
 */
@NullMarked
package io.turboprop.catalog;

import org.jspecify.annotations.NullMarked;
