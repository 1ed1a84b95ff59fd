package io.turboprop.data.object;

import io.turboprop.data.object.ObjectSettings.Azure;
import io.turboprop.data.object.ObjectSettings.Gcs;
import io.turboprop.data.object.ObjectSettings.S3;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The environment variables by which programs of tasks reach the stores: those of flytekit, and
 * those of the libraries below it where flytekit has none. Credentials are among them only if the
 * settings have them; a program that gets them can do all that they permit.
 */
public final class TaskVariables {
  private TaskVariables() {}

  /** The variables for all stores. */
  public static Map<String, String> of(ObjectSettings settings) {
    var variables = new LinkedHashMap<String, String>();
    add(variables, settings.s3());
    add(variables, settings.gcs());
    add(variables, settings.azure());
    return variables;
  }

  private static void add(Map<String, String> variables, S3 s3) {
    s3.endpoint().ifPresent(endpoint -> variables.put("FLYTE_AWS_ENDPOINT", endpoint));
    s3.region()
        .ifPresent(region -> {
          variables.put("AWS_REGION", region);
          variables.put("AWS_DEFAULT_REGION", region);
        });
    s3.keys()
        .ifPresent(keys -> {
          // flytekit has no variable for the token, and with its own two it finds no token.
          var prefix = keys.sessionToken().isEmpty() ? "FLYTE_AWS_" : "AWS_";
          variables.put(prefix + "ACCESS_KEY_ID", keys.accessKeyId());
          variables.put(prefix + "SECRET_ACCESS_KEY", keys.secretAccessKey());
          keys.sessionToken().ifPresent(token -> variables.put("AWS_SESSION_TOKEN", token));
        });
  }

  private static void add(Map<String, String> variables, Gcs gcs) {
    gcs.credentialFile().ifPresent(file -> variables.put("GOOGLE_APPLICATION_CREDENTIALS", file));
  }

  private static void add(Map<String, String> variables, Azure azure) {
    azure.account().ifPresent(account -> variables.put("AZURE_STORAGE_ACCOUNT_NAME", account));
    azure.accountKey().ifPresent(key -> variables.put("AZURE_STORAGE_ACCOUNT_KEY", key));
    azure.sasToken().ifPresent(token -> variables.put("AZURE_STORAGE_SAS_TOKEN", token));
  }
}
