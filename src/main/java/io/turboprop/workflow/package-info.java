/**
 * One execution, from its plan to its running work, in four packages.
 *
 * <p>{@code plan} is the compiled workflow. {@code state} holds what has happened: the events and
 * the state that they make. {@code decide} holds the rules: a command and a state become the next
 * events. {@code entity} is the shell, the only package that knows actors. Each package knows those
 * before it, and {@code data}; none knows the rest of the engine.
 */
@NullMarked
package io.turboprop.workflow;

import org.jspecify.annotations.NullMarked;
