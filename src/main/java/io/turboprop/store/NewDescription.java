package io.turboprop.store;

import com.google.protobuf.ByteString;

/**
 * The description of a definition by a client.
 *
 * @param message a serialized {@code flyteidl.admin.DescriptionEntity}
 */
public record NewDescription(String shortDescription, ByteString message) {}
