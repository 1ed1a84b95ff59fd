/** Tests of the FlyteWorkflow door, and a small API server for them. */
@NullMarked
package io.turboprop.kubernetes;

import org.jspecify.annotations.NullMarked;
