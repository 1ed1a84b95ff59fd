package io.turboprop.data.object;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turboprop.setting.Section;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskVariablesTest {
  @Test
  void tasksGetTheAddressAndTheConfiguredKeys() {
    assertThat(
            variables(
                """
                s3 { endpoint = "http://minio:9000", region = eu-1, access-key-id = id, secret-access-key = secret }
                gcs.credential-file = /key.json
                azure { account = a, account-key = k }
                """))
        .isEqualTo(
            Map.of(
                "FLYTE_AWS_ENDPOINT", "http://minio:9000",
                "AWS_REGION", "eu-1",
                "AWS_DEFAULT_REGION", "eu-1",
                "FLYTE_AWS_ACCESS_KEY_ID", "id",
                "FLYTE_AWS_SECRET_ACCESS_KEY", "secret",
                "GOOGLE_APPLICATION_CREDENTIALS", "/key.json",
                "AZURE_STORAGE_ACCOUNT_NAME", "a",
                "AZURE_STORAGE_ACCOUNT_KEY", "k"));
  }

  @Test
  void tasksGetNoKeysThatTheSettingsDoNotHave() {
    assertThat(variables("")).isEmpty();
  }

  @Test
  void keysWithATokenGoToTheLibraryBelowFlytekit() {
    assertThat(variables("s3 { access-key-id = id, secret-access-key = s, session-token = t }"))
        .isEqualTo(
            Map.of(
                "AWS_ACCESS_KEY_ID", "id",
                "AWS_SECRET_ACCESS_KEY", "s",
                "AWS_SESSION_TOKEN", "t"));
  }

  private static Map<String, String> variables(String data) {
    var defaults = ConfigFactory.load("reference").getConfig("turboprop.data");
    var config = ConfigFactory.parseString(data).withFallback(defaults);
    return TaskVariables.of(ObjectSettings.from(new Section(config, "turboprop.data")));
  }
}
