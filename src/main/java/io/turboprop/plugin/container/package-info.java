/**
 * The rules of Flyte for containers that hold wherever a container's command runs: the variables of
 * its command line, the text forms of its inputs, and the variables of its environment.
 *
 * <p>Way in: {@link io.turboprop.plugin.container.CommandTemplates} and {@link
 * io.turboprop.plugin.container.FlyteVariables}. Way out: texts, or a {@link
 * io.turboprop.plugin.container.TaskSpecificationException}. It knows neither processes nor pods.
 */
@NullMarked
package io.turboprop.plugin.container;

import org.jspecify.annotations.NullMarked;
