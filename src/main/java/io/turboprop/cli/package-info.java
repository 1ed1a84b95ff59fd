/**
 * The command line: {@code dev}, {@code server}, {@code demo}, {@code show}, {@code compile},
 * {@code doctor}, {@code replay}, {@code parked}, {@code unpark}, {@code postgres}, a class each.
 *
 * <p>Way in: {@link io.turboprop.cli.TurbopropCommand}, called by {@code Main}. Way out: an {@link
 * io.turboprop.cli.Engine}, which {@code Main} has bound; results on standard output, all else on
 * stderr, an exit code. Flags, properties and files become one configuration in {@link
 * io.turboprop.cli.EngineOptions}. A command only translates: it knows no actor and no plugin.
 * {@code doctor}, {@code replay}, {@code parked} and {@code unpark} read tables beside a running
 * engine; the others talk to it as any client does. No other package knows this one.
 */
@NullMarked
package io.turboprop.cli;

import org.jspecify.annotations.NullMarked;
