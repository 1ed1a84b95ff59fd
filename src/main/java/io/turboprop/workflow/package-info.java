/**
 * One execution, from what is to be run to what is under way, in four rooms.
 *
 * <p>{@code plan} is the compiled workflow. {@code state} holds what has happened: the events and
 * the state that they make. {@code decide} holds the rules: a command and a state become the next
 * events. {@code entity} is the shell, the only room that knows actors. Each room knows those
 * before it, and {@code data}; none knows the rest of the engine.
 */
@NullMarked
package io.turboprop.workflow;

import org.jspecify.annotations.NullMarked;
