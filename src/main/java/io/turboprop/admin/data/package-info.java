/**
 * The data proxy: uploads, downloads, and the signed links to them.
 *
 * <p>Way in: {@link io.turboprop.admin.data.DataProxy} and {@link
 * io.turboprop.admin.data.DataTransfer}. Way out: the blob store. It knows no table and no actor.
 */
@NullMarked
package io.turboprop.admin.data;

import org.jspecify.annotations.NullMarked;
