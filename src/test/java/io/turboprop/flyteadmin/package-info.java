/** The sending of events to FlyteAdmin, against a strict double of it. */
@NullMarked
package io.turboprop.flyteadmin;

import org.jspecify.annotations.NullMarked;
