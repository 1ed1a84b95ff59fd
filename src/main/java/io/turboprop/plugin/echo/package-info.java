/**
 * The task type {@code echo} for tests and load: a task passes a value on, after a pause or with a
 * failure if requested.
 *
 * <p>Way in: {@link io.turboprop.plugin.echo.EchoPlugin}; it has no external effects and keeps no
 * state.
 */
@NullMarked
package io.turboprop.plugin.echo;

import org.jspecify.annotations.NullMarked;
