package io.turboprop.admin.transport;

import io.grpc.Status.Code;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that requests and answers hold, over all connections. A request takes a share
 * while its body arrives, more when it is parsed and answered, and gives all back when the answer
 * has been sent, or its client has left.
 *
 * <p>A request that finds too little left is refused with {@code RESOURCE_EXHAUSTED}. The last
 * eighth is kept for small requests, so that large ones never shut out the others.
 */
final class MemoryBudget {
  /** Up to here a request is small. */
  static final long SMALL_BYTES_MAX = 64 * 1024;

  private static final int RESERVED_PART = 8;

  private final long bytesMax;
  private final AtomicLong used = new AtomicLong();

  MemoryBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** The share of one request, nothing at first. */
  Share share() {
    return new Share();
  }

  long usedBytes() {
    return used.get();
  }

  /** What one request holds. */
  final class Share {
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean released = new AtomicBoolean();

    /**
     * Takes more.
     *
     * @throws AdminException {@code RESOURCE_EXHAUSTED} when that much is not left
     */
    void take(long bytes) {
      var mine = taken.get() + bytes;
      var most = mine > SMALL_BYTES_MAX ? bytesMax - bytesMax / RESERVED_PART : bytesMax;
      var all = used.addAndGet(bytes);
      if (all > most) {
        used.addAndGet(-bytes);
        throw new AdminException(
            Code.RESOURCE_EXHAUSTED,
            ("requests and answers under way hold too much memory (this one %d KiB); try again, or"
                    + " raise turboprop.admin.in-flight-max")
                .formatted(mine / 1024));
      }
      taken.addAndGet(bytes);
      if (released.get()) {
        giveBack();
      }
    }

    /** Gives all back; what is taken later is given back at once. */
    void release() {
      released.set(true);
      giveBack();
    }

    private void giveBack() {
      used.addAndGet(-taken.getAndSet(0));
    }
  }
}
