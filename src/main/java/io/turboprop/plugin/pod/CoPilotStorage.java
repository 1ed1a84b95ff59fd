package io.turboprop.plugin.pod;

import io.turboprop.data.DataReference;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

/**
 * The flags by which flyte-copilot reaches the blob store. FlytePropeller passes its own settings
 * of the store on, and so does this engine, where its store is S3.
 */
final class CoPilotStorage {
  private static final String DEFAULT_REGION = "us-east-1";

  private CoPilotStorage() {}

  /**
   * The flags without their leading {@code --storage.}.
   *
   * @param given those of the settings; they are taken as they are, unless there are none
   * @param base the root of the blob store
   * @param variables those by which programs of tasks reach the store
   */
  static Map<String, String> flags(
      Map<String, String> given, DataReference base, Map<String, String> variables) {
    return given.isEmpty() && base.scheme().filter("s3"::equals).isPresent()
        ? s3(base, variables)
        : given;
  }

  private static Map<String, String> s3(DataReference base, Map<String, String> variables) {
    var flags = new TreeMap<String, String>();
    flags.put("type", "s3");
    flags.put("container", URI.create(base.uri()).getAuthority());
    flags.put("connection.region", variables.getOrDefault("AWS_REGION", DEFAULT_REGION));
    var endpoint = variables.get("FLYTE_AWS_ENDPOINT");
    if (endpoint != null) {
      flags.put("connection.endpoint", endpoint);
      flags.put("connection.disable-ssl", Boolean.toString(endpoint.startsWith("http:")));
    }
    var key = variables.get("FLYTE_AWS_ACCESS_KEY_ID");
    var secret = variables.get("FLYTE_AWS_SECRET_ACCESS_KEY");
    if (key == null || secret == null) {
      flags.put("connection.auth-type", "iam");
    } else {
      flags.put("connection.auth-type", "accesskey");
      flags.put("connection.access-key", key);
      flags.put("connection.secret-key", secret);
    }
    return flags;
  }
}
