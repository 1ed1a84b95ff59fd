/**
 * What is told of executions: the journal's events become rows that clients read, and news for
 * those who watch.
 *
 * <p>Way in: {@link io.turboprop.event.TablePublisher}, which the entity hands its steps to. Way
 * out: {@code store}'s tables, and {@link io.turboprop.event.ExecutionWatch}. {@link
 * io.turboprop.event.RowChanges} holds the meaning of each event in Flyte's words, and is pure. It
 * knows {@code workflow}'s events and {@code store}'s rows, but no actor, plugin or RPC.
 */
@NullMarked
package io.turboprop.event;

import org.jspecify.annotations.NullMarked;
