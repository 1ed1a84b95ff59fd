package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;

/**
 * Headers of answers that tasks have written: decks, outputs, logs. A browser treats such an answer
 * as a page of nobody (CSP {@code sandbox}), so a script in it reaches neither this server nor
 * another page of it.
 *
 * <p>Scripts run, because decks need them: their tabs are a script of flytekit's, and plots load
 * libraries from the web. A script may open no connection, submit no form, and leave no frame.
 */
public final class TaskContent {
  private static final String POLICY =
      String.join(
          "; ",
          "sandbox allow-scripts",
          "default-src 'none'",
          "script-src 'unsafe-inline' 'unsafe-eval' https: data: blob:",
          "style-src 'unsafe-inline' https: data:",
          "img-src https: data: blob:",
          "font-src https: data:",
          "media-src data: blob:",
          "base-uri 'none'",
          "form-action 'none'");

  public static final HttpHeaders HEADERS =
      HttpHeaders.builder()
          .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY)
          .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
          .set(HttpHeaderNames.REFERRER_POLICY, "no-referrer")
          .build();

  private TaskContent() {}
}
