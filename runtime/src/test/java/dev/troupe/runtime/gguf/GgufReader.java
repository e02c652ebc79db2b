package dev.troupe.runtime.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small reader of GGUF, written from the layout that ggml's {@code gguf.h} describes and sharing
 * nothing with the writer.
 */
final class GgufReader {
  /**
   * A tensor of the file.
   *
   * @param axes fastest first, as the file has them
   * @param type the number of its {@code ggml_type}
   * @param offset from the start of the data
   */
  record Tensor(List<Long> axes, int type, long offset) {}

  private final ByteBuffer bytes;
  final int version;
  final Map<String, Object> metadata = new LinkedHashMap<>();
  final Map<String, Tensor> tensors = new LinkedHashMap<>();
  final int dataStart;

  GgufReader(Path file) throws IOException {
    bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.getInt() != 0x46554747) { // "GGUF" read with the lowest byte first
      throw new IOException("no GGUF file");
    }
    version = bytes.getInt();
    long tensorCount = bytes.getLong();
    long keyCount = bytes.getLong();
    for (long i = 0; i < keyCount; i++) {
      String key = text();
      metadata.put(key, value(bytes.getInt()));
    }
    for (long i = 0; i < tensorCount; i++) {
      String name = text();
      var axes = new ArrayList<Long>();
      int rank = bytes.getInt();
      for (int axis = 0; axis < rank; axis++) {
        axes.add(bytes.getLong());
      }
      tensors.put(name, new Tensor(axes, bytes.getInt(), bytes.getLong()));
    }
    int alignment = ((Long) metadata.get("general.alignment")).intValue();
    dataStart = (bytes.position() + alignment - 1) / alignment * alignment;
  }

  private Object value(int type) {
    return switch (type) {
      case 4 -> Integer.toUnsignedLong(bytes.getInt());
      case 5 -> bytes.getInt();
      case 6 -> bytes.getFloat();
      case 7 -> bytes.get() == 1;
      case 8 -> text();
      case 9 -> {
        int inner = bytes.getInt();
        long length = bytes.getLong();
        var list = new ArrayList<Object>();
        for (long i = 0; i < length; i++) {
          list.add(value(inner));
        }
        yield list;
      }
      default -> throw new IllegalStateException("value type " + type);
    };
  }

  private String text() {
    byte[] utf8 = new byte[Math.toIntExact(bytes.getLong())];
    bytes.get(utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** The bytes of a tensor from its start. */
  ByteBuffer data(String name, int length) {
    int start = dataStart + Math.toIntExact(tensors.get(name).offset());
    return bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  float[] floats(String name) {
    long elements = tensors.get(name).axes().stream().reduce(1L, (a, b) -> a * b);
    float[] values = new float[(int) elements];
    data(name, values.length * Float.BYTES).asFloatBuffer().get(values);
    return values;
  }

  int size() {
    return bytes.capacity();
  }

  @SuppressWarnings("unchecked")
  <T> List<T> list(String key) {
    return (List<T>) metadata.get(key);
  }
}
