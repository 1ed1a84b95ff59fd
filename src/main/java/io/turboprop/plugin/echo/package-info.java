/**
 * Tasks that do nothing but pass a value on, after a pause or with a failure if asked: for tests
 * and load. Way in: {@link io.turboprop.plugin.echo.EchoPlugin}; it needs no world and keeps no
 * state.
 */
@NullMarked
package io.turboprop.plugin.echo;

import org.jspecify.annotations.NullMarked;
