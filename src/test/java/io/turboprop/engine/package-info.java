/**
 * The engine as a whole, from outside: a process of its own, Flyte's API, and the database once it
 * has stopped. These tests know nothing of how it is put together.
 */
@NullMarked
package io.turboprop.engine;

import org.jspecify.annotations.NullMarked;
