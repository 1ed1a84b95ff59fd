package io.turboprop.resource;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.Deserializers;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.google.protobuf.Internal;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes protobuf messages inside a document as proto3 JSON. Also reads the other form of
 * the resource (snake case, enums as integers), which protobuf's parser accepts.
 */
final class MessageModule extends SimpleModule {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper TREES = new ObjectMapper();

  @Override
  public void setupModule(SetupContext context) {
    addSerializer(new MessageSerializer());
    super.setupModule(context);
    context.addDeserializers(
        new Deserializers.Base() {
          @Override
          public @Nullable JsonDeserializer<?> findBeanDeserializer(
              JavaType type, DeserializationConfig config, BeanDescription description) {
            return type.isTypeOrSubTypeOf(Message.class)
                ? new MessageDeserializer(type.getRawClass().asSubclass(Message.class))
                : null;
          }
        });
  }

  private static final class MessageDeserializer extends JsonDeserializer<Message> {
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private final Message empty;

    MessageDeserializer(Class<? extends Message> type) {
      this.empty = Internal.getDefaultInstance(type);
    }

    @Override
    public Message deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      var json = context.readTree(parser).toString();
      var builder = empty.newBuilderForType();
      try {
        PARSER.merge(json, builder);
      } catch (InvalidProtocolBufferException e) {
        throw JsonMappingException.from(
            parser,
            "is no %s: %s".formatted(empty.getDescriptorForType().getName(), e.getMessage()),
            e);
      }
      return builder.build();
    }

    @Override
    public Object getEmptyValue(DeserializationContext context) {
      return empty;
    }
  }

  private static final class MessageSerializer extends StdSerializer<Message> {
    private static final long serialVersionUID = 1L;
    private static final JsonFormat.Printer PRINTER =
        JsonFormat.printer().omittingInsignificantWhitespace();

    MessageSerializer() {
      super(Message.class);
    }

    @Override
    public void serialize(Message message, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeTree(TREES.readTree(PRINTER.print(message)));
    }
  }
}
