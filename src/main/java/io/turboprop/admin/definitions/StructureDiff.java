package io.turboprop.admin.definitions;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Describes the differences of two messages of the same type for users, a line for each: {@code
 * path: old → new}.
 */
final class StructureDiff {
  private static final int LINES_MAX = 20;
  private static final int VALUE_LENGTH_MAX = 120;

  private final List<String> lines = new ArrayList<>();

  private StructureDiff() {}

  static String of(Message before, Message after) {
    var diff = new StructureDiff();
    diff.messages("", before, after);
    var shown = diff.lines.subList(0, Math.min(LINES_MAX, diff.lines.size()));
    var more = diff.lines.size() - shown.size();
    return String.join("\n", shown) + (more > 0 ? "\nand " + more + " more" : "");
  }

  private void messages(String path, Message before, Message after) {
    var fields = new LinkedHashSet<FieldDescriptor>(before.getAllFields().keySet());
    fields.addAll(after.getAllFields().keySet());
    for (var field : fields) {
      var name = path.isEmpty() ? field.getName() : path + "." + field.getName();
      if (field.isRepeated()) {
        elements(name, elements(before, field), elements(after, field));
      } else if (before.hasField(field) && after.hasField(field)) {
        values(name, before.getField(field), after.getField(field));
      } else if (!before.getField(field).equals(after.getField(field)) || field.hasPresence()) {
        line(
            name,
            before.hasField(field) ? before.getField(field) : "nothing",
            after.hasField(field) ? after.getField(field) : "nothing");
      }
    }
  }

  private void elements(String path, Map<String, Object> before, Map<String, Object> after) {
    var keys = new LinkedHashSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (var key : keys) {
      values(
          path + "[" + key + "]",
          before.getOrDefault(key, "nothing"),
          after.getOrDefault(key, "nothing"));
    }
  }

  private void values(String path, Object before, Object after) {
    if (before instanceof Message left && after instanceof Message right) {
      messages(path, left, right);
    } else if (!before.equals(after)) {
      line(path, before, after);
    }
  }

  private static Map<String, Object> elements(Message message, FieldDescriptor field) {
    var elements = new LinkedHashMap<String, Object>();
    for (var i = 0; i < message.getRepeatedFieldCount(field); i++) {
      var element = message.getRepeatedField(field, i);
      if (element instanceof MapEntry<?, ?> entry) {
        elements.put(entry.getKey().toString(), entry.getValue());
      } else {
        elements.put(Integer.toString(i), element);
      }
    }
    return elements;
  }

  private void line(String path, Object before, Object after) {
    lines.add(path + ": " + text(before) + " → " + text(after));
  }

  private static String text(Object value) {
    var text =
        value instanceof Message message
            ? "{"
                + TextFormat.printer().emittingSingleLine(true).printToString(message).strip()
                + "}"
            : value.toString();
    return text.length() <= VALUE_LENGTH_MAX ? text : text.substring(0, VALUE_LENGTH_MAX) + "…";
  }
}
