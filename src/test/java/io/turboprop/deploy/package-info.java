/**
 * What lies in {@code deploy} for platforms: the Helm chart, the compose file and the image. These
 * tests read the files as the tools of the platforms do.
 */
@NullMarked
package io.turboprop.deploy;

import org.jspecify.annotations.NullMarked;
