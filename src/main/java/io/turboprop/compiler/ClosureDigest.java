package io.turboprop.compiler;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name of a compiled closure: SHA-256 over a serialisation in which map entries are sorted.
 *
 * <p>Equal closures have equal digests, whatever the order in which their maps were filled; so the
 * digest can name a stored plan.
 */
public final class ClosureDigest {
  private ClosureDigest() {}

  /** The digest, as 64 lower case hexadecimal digits. */
  public static String of(CompiledWorkflowClosure closure) {
    return HexFormat.of().formatHex(sha256().digest(serialize(closure)));
  }

  private static byte[] serialize(Message message) {
    var bytes = new byte[message.getSerializedSize()];
    var output = CodedOutputStream.newInstance(bytes);
    output.useDeterministicSerialization();
    try {
      message.writeTo(output);
    } catch (IOException e) {
      throw new UncheckedIOException("an array as large as the message was too small", e);
    }
    return bytes;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
