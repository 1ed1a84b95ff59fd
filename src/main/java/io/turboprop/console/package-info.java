/**
 * The server side of the console: the files of the page, and what the page asks beyond Flyte's API.
 *
 * <p>Way in: {@link io.turboprop.console.ConsoleFiles} and {@link io.turboprop.console.ConsoleApi},
 * two services on the API's port. Way out: rows of {@code store}, plans of {@code execution}, feeds
 * of {@code event}, links of {@code admin.data}. The page itself is in {@code src/main/console}.
 *
 * <p>The paths below {@code /console/api} belong to the page of the same build: they change without
 * notice. The package only reads; the page acts by Flyte's own API. It must not know SQL or actors.
 */
@NullMarked
package io.turboprop.console;

import org.jspecify.annotations.NullMarked;
