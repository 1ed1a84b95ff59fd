/**
 * The command line: {@code dev}, {@code server}, {@code demo}, {@code compile}, {@code replay}, a
 * class each.
 *
 * <p>Way in: {@link io.turboprop.cli.TurbopropCommand}, called by {@code Main}. Way out: an {@link
 * io.turboprop.cli.Engine}, which {@code Main} has bound; results on standard output, all else on
 * stderr, an exit code. Flags, properties and files become one configuration in {@link
 * io.turboprop.cli.EngineOptions}. A command only translates: it knows no actor, no table and no
 * plugin, and talks to a running engine as any client does; no other package knows this one.
 */
@NullMarked
package io.turboprop.cli;

import org.jspecify.annotations.NullMarked;
