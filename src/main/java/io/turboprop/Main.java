package io.turboprop;

public final class Main {
  private Main() {}

  static void main(String[] args) {}
}
