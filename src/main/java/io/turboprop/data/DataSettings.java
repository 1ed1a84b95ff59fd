package io.turboprop.data;

import com.typesafe.config.Config;
import java.util.List;

/**
 * The settings of the section {@code turboprop.data}.
 *
 * @param base the folder (relative to the working directory, or absolute) or URI that holds all
 *     data
 * @param readable folders and URIs besides the base that may be read through the engine, with its
 *     credentials
 * @param durable whether writes to a folder wait for the disk
 * @param readBytesMax the largest object that is read whole: inputs, outputs, errors
 */
public record DataSettings(
    DataReference base, List<DataReference> readable, boolean durable, long readBytesMax) {

  /** The message for an object that is too large to be read whole. */
  public static String tooLarge(DataStore.DataTooLargeException e) {
    return e.getMessage() + " (turboprop.data.read-max)";
  }

  /** Reads the section {@code turboprop.data}. */
  public static DataSettings from(Config data) {
    return new DataSettings(
        new DataReference(data.getString("base")),
        data.getStringList("readable").stream().map(DataReference::new).toList(),
        data.getBoolean("durable"),
        data.getBytes("read-max"));
  }
}
