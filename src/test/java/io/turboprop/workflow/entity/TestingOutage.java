package io.turboprop.workflow.entity;

import io.turboprop.data.Outage;

/** An outage of nothing in particular. */
public final class TestingOutage extends RuntimeException implements Outage {
  private static final long serialVersionUID = 1L;

  public TestingOutage() {
    super("an outage");
  }
}
