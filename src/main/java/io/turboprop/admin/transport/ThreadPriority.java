package io.turboprop.admin.transport;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lowers the priority of a platform thread, which Java does not do on Linux. Calls {@code
 * setpriority(2)}; on Linux it takes the calling thread, and needs no rights to lower. Elsewhere it
 * would take the whole process, so nothing is done there.
 */
final class ThreadPriority {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadPriority.class);

  /** {@code PRIO_PROCESS}: the next argument is a process or, on Linux, a thread. */
  private static final int PROCESS = 0;

  /** The calling thread. */
  private static final int CALLER = 0;

  /** Beside a thread of the normal priority, 0, the thread gets a tenth of a core. */
  private static final int LOW = 10;

  private ThreadPriority() {}

  /** Lowers the priority of the current platform thread. */
  static void lower() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return;
    }
    try {
      var linker = Linker.nativeLinker();
      var setPriority =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("setpriority"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
      var failed = (int) setPriority.invokeExact(PROCESS, CALLER, LOW);
      if (failed != 0) {
        LOG.debug("the priority of {} is not lowered", Thread.currentThread());
      }
    } catch (Throwable e) {
      // For example, native access is forbidden, or libc is another one. The thread works all the
      // same; a thread that ended here would take the work of its pool with it.
      LOG.warn("the threads for large messages keep the normal priority: {}", e.toString());
    }
  }
}
