package io.turboprop.data.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.UploadTerms;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

class S3BucketTest {
  private static final String MD5 = "0cc175b9c0f1b6a831c399e269772661";

  @Test
  void theETagIsTheMd5OnlyWithoutAKeyOfKmsOrOfTheClient() {
    assertThat(S3Bucket.md5(head(plain -> plain))).contains(MD5);
    assertThat(S3Bucket.md5(head(head -> head.serverSideEncryption("AES256")))).contains(MD5);
    assertThat(S3Bucket.md5(head(head -> head.serverSideEncryption("aws:kms")))).isEmpty();
    assertThat(S3Bucket.md5(head(head -> head.serverSideEncryption("aws:kms:dsse")))).isEmpty();
    assertThat(S3Bucket.md5(head(head -> head.sseCustomerAlgorithm("AES256")))).isEmpty();
    assertThat(S3Bucket.md5(head(parts -> parts.eTag('"' + MD5 + "-2\"")))).isEmpty();
  }

  @Test
  void theMd5OfTheMetadataCountsWhateverTheEncryption() {
    var kept = Map.of(UploadTerms.MD5_METADATA, "DMF1ucDxtqgxw5niaXcmYQ==");
    assertThat(S3Bucket.md5(head(head -> head.serverSideEncryption("aws:kms").metadata(kept))))
        .contains(MD5);
  }

  private static HeadObjectResponse head(UnaryOperator<HeadObjectResponse.Builder> with) {
    return with.apply(HeadObjectResponse.builder().eTag('"' + MD5 + '"').metadata(Map.of()))
        .build();
  }
}
