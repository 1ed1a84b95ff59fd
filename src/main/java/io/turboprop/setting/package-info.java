/**
 * How settings are read, so that a wrong one is named with its place.
 *
 * <p>Way in: {@link io.turboprop.setting.Section}, of which a package makes a record of its own
 * settings. Way out: values within their bounds, or an exception for the user. It knows no setting.
 */
@NullMarked
package io.turboprop.setting;

import org.jspecify.annotations.NullMarked;
