package io.turboprop.admin.definitions;

import io.turboprop.admin.transport.AdminException;
import io.turboprop.store.ListQuery.Order;
import io.turboprop.store.ListQuery.Position;
import io.turboprop.store.ListQuery.Start;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The position at which the next page of a list begins, as an opaque text for clients: the sort
 * keys of the last row and the list's order. Such a page is as fast as the first page, and rows
 * that are added or deleted meanwhile do not shift it.
 *
 * <p>A decimal number is also a token, the offset of the page, as in FlyteAdmin: flytectl computes
 * such tokens itself.
 */
final class PageToken {
  /** The prefix of tokens, with which no decimal number begins. */
  private static final String PREFIX = "p";

  private PageToken() {}

  /**
   * Parses a token; an empty token is the beginning of the list.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} for an invalid token, or a token of a list in
   *     another order
   */
  static Start start(String token, List<Order> order) {
    if (token.isEmpty()) {
      return Start.FIRST;
    }
    return token.startsWith(PREFIX) ? after(token, order) : new Start.Skip(offset(token));
  }

  static String after(Position position, List<Order> order) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      write(out, text(order));
      write(out, position.id());
      out.writeBoolean(position.key().isPresent());
      if (position.key().isPresent()) {
        write(out, position.key().orElseThrow());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("an array in memory", e);
    }
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  private static Start after(String token, List<Order> order) {
    try {
      var bytes = Base64.getUrlDecoder().decode(token.substring(PREFIX.length()));
      var in = new DataInputStream(new ByteArrayInputStream(bytes));
      if (!read(in).equals(text(order))) {
        throw AdminException.invalidArgument(
            "invalid pagination token " + token + ": its list was sorted in another way");
      }
      var id = read(in);
      var key = in.readBoolean() ? Optional.of(read(in)) : Optional.<String>empty();
      return new Start.After(new Position(key, id));
    } catch (IOException | IllegalArgumentException _) {
      throw invalid(token);
    }
  }

  private static long offset(String token) {
    try {
      var offset = Long.parseLong(token);
      if (offset >= 0) {
        return offset;
      }
    } catch (NumberFormatException _) {
      // the check below refuses this, like a negative number
    }
    throw invalid(token);
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String read(DataInputStream in) throws IOException {
    var length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a text of " + length + " bytes");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static String text(List<Order> order) {
    return order.isEmpty()
        ? ""
        : order.getFirst().field() + (order.getFirst().ascending() ? " asc" : " desc");
  }

  private static AdminException invalid(String token) {
    return AdminException.invalidArgument("invalid pagination token " + token);
  }
}
