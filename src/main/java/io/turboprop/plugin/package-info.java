/**
 * The extension point for task types, and the built-in plugins below it.
 *
 * <p>Way in: {@link io.turboprop.plugin.TaskPlugin}, found by {@link java.util.ServiceLoader}
 * through {@link io.turboprop.plugin.TaskPluginProvider} and chosen by task type ({@code
 * turboprop.tasks} in the configuration). Way out: {@link io.turboprop.plugin.TaskTransition}. A
 * plugin knows a single attempt of a task; it knows no workflow, no actor and no table.
 */
@NullMarked
package io.turboprop.plugin;

import org.jspecify.annotations.NullMarked;
