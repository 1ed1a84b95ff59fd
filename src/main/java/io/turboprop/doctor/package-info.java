/**
 * Examines whether an engine could run with given settings, and says what is wrong and what to do:
 * the settings themselves, the database, the blob store, the cluster and the ports.
 *
 * <p>Way in: {@link io.turboprop.doctor.Doctor}. Way out: {@link io.turboprop.doctor.Finding}s. The
 * package knows settings and stores; it changes nothing but an object of its own in the blob store,
 * which it deletes, and knows no actor.
 */
@NullMarked
package io.turboprop.doctor;

import org.jspecify.annotations.NullMarked;
