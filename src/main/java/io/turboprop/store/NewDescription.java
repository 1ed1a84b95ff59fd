package io.turboprop.store;

import com.google.protobuf.ByteString;

/**
 * What a client says of a definition.
 *
 * @param message a serialized {@code flyteidl.admin.DescriptionEntity}
 */
public record NewDescription(String shortDescription, ByteString message) {}
