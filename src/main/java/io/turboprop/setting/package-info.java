/**
 * Reads settings, and names a wrong setting with the file or property that set it.
 *
 * <p>Way in: {@link io.turboprop.setting.Section}, from which each package builds the record of its
 * settings; {@link io.turboprop.setting.BackOff} is one that many have, and {@link
 * io.turboprop.setting.ProcessUser} says who runs the process, and {@link
 * io.turboprop.setting.PeriodicJob} keeps a repeated job going. Way out: values within their
 * bounds, or an exception for the user. It knows no single setting.
 */
@NullMarked
package io.turboprop.setting;

import org.jspecify.annotations.NullMarked;
