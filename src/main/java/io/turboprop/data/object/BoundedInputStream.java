package io.turboprop.data.object;

import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore.DataTooLargeException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Fails when an object that is written turns out to be larger than its writer accepts. */
final class BoundedInputStream extends FilterInputStream {
  private final DataReference reference;
  private final long sizeBytesMax;
  private long sizeBytes;

  BoundedInputStream(DataReference reference, InputStream in, long sizeBytesMax) {
    super(in);
    this.reference = reference;
    this.sizeBytesMax = sizeBytesMax;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    var count = super.read(bytes, offset, length);
    sizeBytes += Math.max(0, count);
    if (sizeBytes > sizeBytesMax) {
      throw new DataTooLargeException(reference, sizeBytes, sizeBytesMax);
    }
    return count;
  }
}
