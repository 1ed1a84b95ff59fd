package io.turboprop.plugin.local;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * The bytes of a tar archive, decompressed if needed, up to a bound. The content decides about
 * decompression, because clients also name uncompressed archives {@code .tar.gz}.
 *
 * <p>The reader grants bytes before it reads, so that neither a file nor a header of the archive
 * exceeds its expected size. Not thread-safe.
 */
final class ArchiveContent extends InputStream {
  private static final int GZIP_FIRST = 0x1f;
  private static final int GZIP_SECOND = 0x8b;

  /**
   * Code compresses to about a tenth; an archive that compresses much better is made to fill disks.
   */
  private static final long RATIO_MAX = 200;

  /** The compression of small archives is not limited. */
  private static final long ANY_RATIO_BYTES = 16L * 1024 * 1024;

  private final CountingStream packed;
  private final InputStream content;
  private final long sizeBytesMax;
  private long sizeBytes;
  private long granted;

  /** The archive exceeds a bound. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(String message) {
      super(message);
    }
  }

  /** The bytes are not an archive. */
  static final class NoArchiveException extends IOException {
    private static final long serialVersionUID = 1L;

    NoArchiveException() {
      super("it is neither a tar archive nor a gzip of one");
    }
  }

  /**
   * Opens an archive and checks its first bytes.
   *
   * @param packed the archive as stored
   * @param sizeBytesMax after decompression
   * @throws NoArchiveException when the bytes are not a tar archive
   */
  ArchiveContent(InputStream packed, long sizeBytesMax) throws IOException {
    this.packed = new CountingStream(packed);
    this.sizeBytesMax = sizeBytesMax;
    var buffered = new BufferedInputStream(this.packed);
    this.content =
        isGzip(buffered) ? new BufferedInputStream(new GZIPInputStream(buffered)) : buffered;
    requireTar(content);
  }

  private static boolean isGzip(BufferedInputStream in) throws IOException {
    in.mark(2);
    var isGzip = in.read() == GZIP_FIRST && in.read() == GZIP_SECOND;
    in.reset();
    return isGzip;
  }

  /**
   * An archive begins with a header that holds its own checksum, or with the zeros of the end mark.
   */
  private static void requireTar(InputStream in) throws IOException {
    in.mark(TarConstants.DEFAULT_RCDSIZE);
    var header = in.readNBytes(TarConstants.DEFAULT_RCDSIZE);
    in.reset();
    var isEnd = Arrays.equals(header, new byte[TarConstants.DEFAULT_RCDSIZE]);
    if (header.length < TarConstants.DEFAULT_RCDSIZE
        || !isEnd && !TarUtils.verifyCheckSum(header)) {
      throw new NoArchiveException();
    }
  }

  /** Allows this many bytes to be read until the next grant. */
  void grant(long bytes) {
    granted = bytes;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    var count = content.read(bytes, offset, length);
    if (count > 0) {
      sizeBytes += count;
      granted -= count;
      refuseTooMuch();
    }
    return count;
  }

  private void refuseTooMuch() throws TooLargeException {
    if (sizeBytes > sizeBytesMax) {
      throw new TooLargeException(
          "it holds more than %d bytes (turboprop.plugins.local.code-size-max)"
              .formatted(sizeBytesMax));
    }
    if (sizeBytes > ANY_RATIO_BYTES && sizeBytes / RATIO_MAX > packed.sizeBytes) {
      throw new TooLargeException(
          "it holds more than %d times as many bytes as it has".formatted(RATIO_MAX));
    }
    if (granted < 0) {
      throw new TooLargeException("the header of an entry is too large");
    }
  }

  @Override
  public void close() throws IOException {
    content.close();
  }

  private static final class CountingStream extends InputStream {
    private final InputStream source;
    private long sizeBytes;

    CountingStream(InputStream source) {
      this.source = source;
    }

    @Override
    public int read() throws IOException {
      var one = source.read();
      sizeBytes += one < 0 ? 0 : 1;
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      var count = source.read(bytes, offset, length);
      sizeBytes += Math.max(0, count);
      return count;
    }

    @Override
    public void close() throws IOException {
      source.close();
    }
  }
}
