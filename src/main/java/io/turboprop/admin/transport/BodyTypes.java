package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;

/**
 * The content types of bodies that REST reads: JSON, protobuf ({@code application/octet-stream}),
 * and none.
 *
 * <p>FlyteAdmin reads a body of any type as JSON. This server refuses the types that an HTML form
 * can send, with an exception: {@code application/x-www-form-urlencoded}, curl's default type, is
 * read as JSON unless the client is a browser.
 */
final class BodyTypes {
  private BodyTypes() {}

  /** Whether the body of this request is read; the body of a GET never is. */
  static boolean areRead(RequestHeaders headers) {
    var text = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
    return text.isEmpty() || headers.method() == HttpMethod.GET || isKnown(text, headers);
  }

  private static boolean isKnown(String text, RequestHeaders headers) {
    try {
      var type = MediaType.parse(text);
      return type.isJson()
          || type.is(MediaType.create("text", "json"))
          || type.is(MediaType.OCTET_STREAM)
          || (type.is(MediaType.FORM_DATA) && !BrowserProtection.isBrowser(headers));
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
