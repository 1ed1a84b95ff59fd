/**
 * Blob stores that are object stores: S3, Google Cloud Storage and Azure Blob Storage.
 *
 * <p>Way in: {@link io.turboprop.data.object.ConfiguredStores}, which opens the stores that the
 * settings name. Way out: {@link io.turboprop.data.DataStore}s over AWS's client for S3, and over
 * Apache OpenDAL for the others. It knows nothing of executions and of the layout of their objects.
 */
@NullMarked
package io.turboprop.data.object;

import org.jspecify.annotations.NullMarked;
