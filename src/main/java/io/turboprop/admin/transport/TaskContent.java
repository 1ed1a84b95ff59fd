package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;

/**
 * The headers of answers whose content a task has written: decks, outputs, logs. A browser gives
 * such a page an origin of its own (CSP {@code sandbox}), so that a script in it reaches neither
 * this server nor other pages of this server.
 *
 * <p>Scripts may run, because decks need them: a script of flytekit makes the tabs, and plots load
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
