package io.turboprop.admin.transport;

import io.grpc.Status.Code;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Bounds the memory that requests and answers hold, over all connections. A request takes memory as
 * its body arrives, more when it is parsed and answered, and gives all back when the answer has
 * been sent or the client has left.
 *
 * <p>If too little memory is left for a request, the request is refused with {@code
 * RESOURCE_EXHAUSTED}. The last eighth is reserved for small requests, so that large requests never
 * block all others.
 */
final class MemoryBudget {
  /** A request up to this size counts as small. */
  static final long SMALL_BYTES_MAX = 64 * 1024;

  private static final int RESERVED_PART = 8;

  private final long bytesMax;
  private final AtomicLong used = new AtomicLong();

  MemoryBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** The share of a request, empty at first. */
  Share share() {
    return new Share();
  }

  long usedBytes() {
    return used.get();
  }

  /** The memory that a request holds. */
  final class Share {
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean released = new AtomicBoolean();

    /**
     * Adds bytes to the share of this request.
     *
     * @throws AdminException {@code RESOURCE_EXHAUSTED} when too little memory is left
     */
    void take(long bytes) {
      var mine = taken.get() + bytes;
      var most = mine > SMALL_BYTES_MAX ? bytesMax - bytesMax / RESERVED_PART : bytesMax;
      var all = used.addAndGet(bytes);
      if (all > most) {
        used.addAndGet(-bytes);
        throw new AdminException(
            Code.RESOURCE_EXHAUSTED,
            ("the memory for requests and answers is used up (this request needs %d KiB); try again"
                    + " later, or raise turboprop.admin.in-flight-max")
                .formatted(mine / 1024));
      }
      taken.addAndGet(bytes);
      if (released.get()) {
        giveBack(Long.MAX_VALUE);
      }
    }

    /**
     * Adds bytes to the share while some work is done.
     *
     * @throws AdminException as {@link #take}; the work is not begun then
     */
    <T> T during(long bytes, Supplier<T> work) {
      take(bytes);
      try {
        return work.get();
      } finally {
        giveBack(bytes);
      }
    }

    /** Releases the whole share; memory that is taken later is released at once. */
    void release() {
      released.set(true);
      giveBack(Long.MAX_VALUE);
    }

    /** Gives back this much, and never more than is left of the share. */
    private void giveBack(long bytes) {
      var before = taken.getAndUpdate(all -> all - Math.min(all, bytes));
      used.addAndGet(-Math.min(before, bytes));
    }
  }
}
