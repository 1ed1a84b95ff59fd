package io.turboprop.data;

import java.util.Map;

/**
 * An HTTP request for one object that a client sends to the store itself, so that the bytes do not
 * pass through the engine.
 *
 * @param url the whole URL, with its signature
 * @param headers the headers that the client has to send, by name
 */
public record SignedRequest(String url, Map<String, String> headers) {
  public SignedRequest {
    headers = Map.copyOf(headers);
  }
}
