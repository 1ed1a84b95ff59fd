package io.turboprop.console;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/** Reads which content codings a client accepts (RFC 9110 §12.5.3). */
final class Accepting {
  private static final Pattern ZERO_QUALITY = Pattern.compile(";q=0(\\.0*)?$");

  private Accepting() {}

  /** Whether the client names this coding with a quality above zero. */
  static boolean coding(RequestHeaders request, String token) {
    return Arrays.stream(request.get(HttpHeaderNames.ACCEPT_ENCODING, "").split(","))
        .map(coding -> coding.replace(" ", "").toLowerCase(Locale.ROOT))
        .anyMatch(coding ->
            (coding.equals(token) || coding.startsWith(token + ";"))
                && !ZERO_QUALITY.matcher(coding).find());
  }
}
