/**
 * The calls for definitions: projects, tasks, workflows, launch plans, attributes.
 *
 * <p>Way in: {@link io.turboprop.admin.definitions.Definitions}. Way out: rows of {@code store},
 * and the compiler. It knows no execution and no actor.
 */
@NullMarked
package io.turboprop.admin.definitions;

import org.jspecify.annotations.NullMarked;
