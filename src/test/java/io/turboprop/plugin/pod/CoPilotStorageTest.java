package io.turboprop.plugin.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.DataReference;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CoPilotStorageTest {
  private static final DataReference BUCKET = new DataReference("s3://bucket/prefix");

  @Test
  void flagsOfTheSettingsAreTakenAsTheyAre() {
    assertThat(CoPilotStorage.flags(Map.of("type", "stow"), BUCKET, Map.of()))
        .isEqualTo(Map.of("type", "stow"));
  }

  @Test
  void engineOwnStoreIsPassedOn() {
    assertThat(
            CoPilotStorage.flags(
                Map.of(),
                BUCKET,
                Map.of(
                    "AWS_REGION", "eu-west-1",
                    "FLYTE_AWS_ENDPOINT", "http://s3:9000",
                    "FLYTE_AWS_ACCESS_KEY_ID", "key",
                    "FLYTE_AWS_SECRET_ACCESS_KEY", "secret")))
        .isEqualTo(
            Map.of(
                "type", "s3",
                "container", "bucket",
                "connection.region", "eu-west-1",
                "connection.endpoint", "http://s3:9000",
                "connection.disable-ssl", "true",
                "connection.auth-type", "accesskey",
                "connection.access-key", "key",
                "connection.secret-key", "secret"));
  }

  @Test
  void podHasARoleWhereTheEngineHasNoKeys() {
    assertThat(CoPilotStorage.flags(Map.of(), BUCKET, Map.of()))
        .isEqualTo(
            Map.of(
                "type", "s3",
                "container", "bucket",
                "connection.region", "us-east-1",
                "connection.auth-type", "iam"));
  }

  @Test
  void folderOfTheEngineIsInReachOfNoPod() {
    assertThat(CoPilotStorage.flags(Map.of(), new DataReference("/data"), Map.of())).isEmpty();
  }
}
