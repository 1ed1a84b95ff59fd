/**
 * Publishes executions: turns the journal's events into the rows that clients read, and notifies
 * watchers.
 *
 * <p>Way in: {@link io.turboprop.event.TablePublisher}, to which the entity hands its steps. Way
 * out: {@code store}'s tables, and {@link io.turboprop.event.ExecutionWatch}. {@link
 * io.turboprop.event.RowChanges} is pure: it maps each event to changes in Flyte's words. The
 * package knows {@code workflow}'s events and {@code store}'s rows; it knows no actor, plugin or
 * RPC.
 */
@NullMarked
package io.turboprop.event;

import org.jspecify.annotations.NullMarked;
