package io.turboprop.compiler;

import java.util.regex.Pattern;

/** Kubernetes resource quantities, such as {@code 500m}, {@code 1Gi} and {@code 2e3}. */
final class Quantities {
  private static final Pattern QUANTITY =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)(n|u|m|k|[KMGTPE]i|[MGTPE]|[eE][+-]?\\d+)?");

  private Quantities() {}

  static boolean isQuantity(String text) {
    return QUANTITY.matcher(text).matches();
  }
}
