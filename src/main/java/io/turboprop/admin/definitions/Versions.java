package io.turboprop.admin.definitions;

import flyteidl.admin.VersionOuterClass.GetVersionRequest;
import flyteidl.admin.VersionOuterClass.GetVersionResponse;
import flyteidl.admin.VersionOuterClass.Version;

/** The version of this server: the version in the jar's manifest, or {@code unknown}. */
public final class Versions {
  private static final String UNKNOWN = "unknown";

  private Versions() {}

  public static GetVersionResponse getVersion(GetVersionRequest request) {
    var implementation = Versions.class.getPackage().getImplementationVersion();
    var version = implementation == null ? UNKNOWN : "v" + implementation;
    return GetVersionResponse.newBuilder()
        .setControlPlaneVersion(
            Version.newBuilder().setVersion(version).setBuild(UNKNOWN).setBuildTime(UNKNOWN))
        .build();
  }
}
