/**
 * What can be asked on the command line besides running the engine: one class per subcommand.
 *
 * <p>Way in: {@code Main} hands the arguments to picocli, which fills and calls these classes.
 *
 * <p>Way out: text on standard output, errors on standard error, an exit code.
 *
 * <p>A command only translates: it knows the package that does its work; no other package knows
 * this one.
 */
@NullMarked
package io.turboprop.cli;

import org.jspecify.annotations.NullMarked;
