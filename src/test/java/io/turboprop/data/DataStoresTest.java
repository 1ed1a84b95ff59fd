package io.turboprop.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataStoresTest {
  private static final ByteString BYTES = ByteString.copyFromUtf8("some bytes");
  @TempDir Path temporary;

  @Test
  void theDefaultsAreComplete() {
    var settings = DataSettings.from(ConfigFactory.load("reference").getConfig("turboprop.data"));
    assertThat(settings.base()).hasToString("./.turboprop/data/blobs");
    assertThat(settings.durable()).isTrue();
    assertThat(settings.readBytesMax()).isEqualTo(10 * 1024 * 1024);
  }

  @Test
  void theStoreInMemoryIsLikeAnyOther() throws IOException {
    var store = new MemoryDataStore();
    var reference = store.base().child("a/x");
    store.write(reference, new ByteArrayInputStream(BYTES.toByteArray()), 100);
    assertThat(store.list(store.base())).containsExactly(reference);
    assertThat(store.list(store.base().child("a"))).containsExactly(reference);
    assertThat(store.localFile(reference, temporary)).hasContent("some bytes");
    assertThatThrownBy(() -> store.read(reference, 3))
        .isInstanceOf(DataStore.DataTooLargeException.class);
    assertThatThrownBy(() -> store.write(reference, new ByteArrayInputStream(new byte[4]), 3))
        .isInstanceOf(DataStore.DataTooLargeException.class);
    store.delete(store.base());
    assertThatThrownBy(() -> store.read(reference, 100)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> store.read(new DataReference("/x"), 100))
        .isInstanceOf(AccessDeniedException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "/a/b, '', /a/b",
    "file:///a/b, file, /a/b",
    "file:/a/b, file, /a/b",
    "file://localhost/a, file, /a",
    "file://host/a, file, file://host/a",
    "s3://bucket/a, s3, s3://bucket/a",
    "a:b, '', a:b"
  })
  void aReferenceKnowsItsSchemeAndItsPlainForm(String uri, String scheme, String plain) {
    assertThat(new DataReference(uri).scheme().orElse("")).isEqualTo(scheme);
    assertThat(new DataReference(uri).plain()).hasToString(plain);
  }
}
