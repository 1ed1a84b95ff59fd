package io.turboprop.admin.transport;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The part of an object that a request selects (RFC 9110 §14). Only single ranges are served; a
 * request for several ranges gets the whole object, as the RFC allows. Objects have no validators,
 * so a request with {@code If-Range} gets the whole object, too.
 */
public sealed interface ByteRange {

  /** All bytes: 200. */
  record Whole() implements ByteRange {}

  /**
   * A part: 206.
   *
   * @param start the position of the first byte, from 0
   * @param end the position after the last byte
   */
  record Part(long start, long end) implements ByteRange {
    /** The value of {@code Content-Range}. */
    public String contentRange(long size) {
      return "bytes %d-%d/%d".formatted(start, end - 1, size);
    }
  }

  /** The part begins after the end of the object: 416. */
  record Unsatisfiable() implements ByteRange {}

  /** {@code 5-9}, {@code 5-}, or {@code -5} for the last five; 18 digits fit a long. */
  Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})", Pattern.CASE_INSENSITIVE);

  /** The range of a request for an object of this size; a malformed range is ignored. */
  static ByteRange of(RequestHeaders headers, long size) {
    var text = headers.get(HttpHeaderNames.RANGE, "");
    var single = SINGLE.matcher(text.strip());
    if (!single.matches() || headers.contains(HttpHeaderNames.IF_RANGE)) {
      return new Whole();
    }
    var first = number(single.group(1));
    var last = number(single.group(2));
    if (first.isEmpty()) {
      return last.map(count -> ofEnd(count, size)).orElseGet(Whole::new);
    }
    if (last.isPresent() && last.get() < first.get()) {
      return new Whole();
    }
    var end = Math.min(last.map(inclusive -> inclusive + 1).orElse(size), size);
    return first.get() < size ? new Part(first.get(), end) : new Unsatisfiable();
  }

  private static ByteRange ofEnd(long count, long size) {
    return count == 0 || size == 0
        ? new Unsatisfiable()
        : new Part(Math.max(0, size - count), size);
  }

  private static Optional<Long> number(String digits) {
    return digits.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(digits));
  }
}
