package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
  private static final HostTensor BYTE =
      new HostTensor("a", TensorType.U8, new long[0], ByteBuffer.wrap(new byte[] {7}));
  private static final HostTensor PAIR = HostTensor.of("b", new float[] {1f, -2f}, 2);

  /** The floats come first although "a" precedes "b": so they lie at a multiple of four. */
  private static final String GOLDEN_HEADER =
      "{\"__metadata__\":{\"format\":\"pt\"},"
          + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
          + "\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]}}";

  /** 1f is 0x3f800000, -2f is 0xc0000000, little-endian; then the byte 7. */
  private static final String GOLDEN_DATA = "0000803f000000c007";

  @TempDir private Path folder;

  @Test
  void writesTheBytesOfTheFormat() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Safetensors.write(file, List.of(BYTE, PAIR), Map.of("format", "pt"));
    // The header has 136 = 0x88 characters, a multiple of eight already.
    assertArrayEquals(golden("8800000000000000", GOLDEN_HEADER), Files.readAllBytes(file));
  }

  @Test
  void readsTheBytesOfTheFormat() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Files.write(file, golden("8800000000000000", GOLDEN_HEADER));
    assertEquals(Map.of("a", BYTE, "b", PAIR), Safetensors.read(file));
    assertEquals(Map.of("format", "pt"), Safetensors.readMetadata(file));
  }

  @Test
  void padsTheHeaderSoThatTheDataIsAligned() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Safetensors.write(file, List.of(PAIR), Map.of());
    byte[] bytes = Files.readAllBytes(file);
    // {"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} has 54 characters, padded to 56.
    assertEquals(8 + 56 + 8, bytes.length);
    assertEquals(56, bytes[0]);
    assertEquals("} ", new String(bytes, 8 + 53, 2, StandardCharsets.UTF_8));
  }

  @Test
  void writesTheSameBytesInWhateverOrderTheTensorsCome() throws IOException {
    Path one = folder.resolve("one.safetensors");
    Path other = folder.resolve("other.safetensors");
    Safetensors.write(one, List.of(BYTE, PAIR), Map.of("k", "v", "format", "pt"));
    Safetensors.write(other, List.of(PAIR, BYTE), Map.of("format", "pt", "k", "v"));
    assertEquals(-1, Files.mismatch(one, other));
  }

  @Test
  void keepsEveryTypeAndShape() {
    Path file = folder.resolve("x.safetensors");
    List<HostTensor> tensors =
        Stream.of(TensorType.values())
            .map(
                dtype ->
                    new HostTensor(
                        dtype.name().toLowerCase(Locale.ROOT),
                        dtype,
                        new long[] {3, 1, 2},
                        ByteBuffer.allocate(6 * dtype.bytes()).put(0, (byte) 5)))
            .toList();
    Safetensors.write(file, tensors, Map.of());
    assertEquals(HostTensor.byName(tensors), Safetensors.read(file));
  }

  @Test
  void isReadByAnotherImplementation() throws IOException {
    Path file = folder.resolve("x.safetensors");
    var half = HostTensor.of("half", TensorType.F16, new float[] {0.5f, 3f}, 1, 2);
    Safetensors.write(file, List.of(half, PAIR, BYTE), Map.of("format", "pt"));
    try (NDManager manager = NDManager.newBaseManager();
        InputStream stream = Files.newInputStream(file)) {
      NDList arrays = NDList.decode(manager, stream);
      assertEquals(List.of("b", "half", "a"), arrays.stream().map(NDArray::getName).toList());
      assertArrayEquals(new float[] {1f, -2f}, arrays.get(0).toFloatArray());
      assertEquals(new Shape(1, 2), arrays.get(1).getShape());
      assertArrayEquals(
          new float[] {0.5f, 3f}, arrays.get(1).toType(DataType.FLOAT32, false).toFloatArray());
      assertEquals(7, arrays.get(2).toUint8Array()[0]);
    }
  }

  @Test
  void keepsEmptyTensorsAndAnEmptyFile() {
    Path file = folder.resolve("x.safetensors");
    var none = HostTensor.of("none", new float[0], 0, 4);
    Safetensors.write(file, List.of(none, PAIR), Map.of());
    assertEquals(Map.of("none", none, "b", PAIR), Safetensors.read(file));
    Safetensors.write(file, List.of(), Map.of());
    assertTrue(Safetensors.read(file).isEmpty());
  }

  @Test
  void keepsWhatWasReadWhenTheFileIsReplaced() {
    Path file = folder.resolve("x.safetensors");
    Safetensors.write(file, List.of(PAIR), Map.of());
    HostTensor before = Safetensors.read(file).get("b");
    Safetensors.write(file, List.of(HostTensor.of("b", new float[] {8f, 9f}, 2)), Map.of());
    assertArrayEquals(new float[] {1f, -2f}, before.toFloats());
  }

  @Test
  void readsAFileLargerThanTwoGibibytes() throws IOException {
    Path file = folder.resolve("large.safetensors");
    long gibibyte = 1L << 30;
    String header =
        Stream.of(0, 1, 2)
            .map(
                i ->
                    "\"t%d\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}"
                        .formatted(i, gibibyte, i * gibibyte, (i + 1) * gibibyte))
            .collect(Collectors.joining(",", "{", "}"));
    Files.write(file, withHeader(header, new byte[0]));
    long end = Files.size(file) + 3 * gibibyte;
    // Sparse: only the last page takes room on the disk.
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.seek(end - 1);
      sparse.write(42);
    }
    ByteBuffer last = Safetensors.read(file).get("t2").data();
    assertEquals(42, last.get(last.limit() - 1));
    assertEquals(0, last.get(0));
  }

  static Stream<Arguments> malformedHeaders() {
    String pair = "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    return Stream.of(
        Arguments.of("{" + pair, 8, "header: not valid JSON"),
        Arguments.of("[]", 0, "header: expected a JSON object, found ARRAY"),
        Arguments.of("{" + pair + "," + pair + "}", 8, "Duplicate field 'b'"),
        Arguments.of("{" + pair + "} {}", 8, "header: not valid JSON"),
        Arguments.of(
            "{" + pair.replace("F32", "C64") + "}",
            8,
            "tensor b has dtype \"C64\", supported are [F32, F64, F16, BF16, I64, I32, U8]"),
        Arguments.of(
            "{" + pair.replace("[2]", "[3]") + "}",
            8,
            "tensor b of type F32 and shape [3] needs 12 bytes, but data_offsets span 8"),
        Arguments.of(
            "{" + pair.replace("[2]", "[-2]") + "}",
            8,
            "tensor b: shape must be an array of integers of 0 or more, found [-2]"),
        Arguments.of(
            "{" + pair.replace("\"shape\":[2],", "") + "}",
            8,
            "tensor b: shape must be an array of integers of 0 or more, found nothing"),
        Arguments.of(
            "{" + pair.replace("[2]", "[4294967296,4294967296]") + "}",
            8,
            "tensor b: shape [4294967296, 4294967296] is too large to count"),
        Arguments.of(
            "{" + pair.replace("[0,8]", "[8]") + "}",
            8,
            "tensor b: data_offsets must be [begin, end], found [8]"),
        Arguments.of(
            "{" + pair.replace("[0,8]", "[8,0]") + "}",
            8,
            "tensor b of type F32 and shape [2] needs 8 bytes, but data_offsets span -8"),
        Arguments.of(
            "{" + pair + "}",
            7,
            "tensor b ends at byte 8 of the data, but the file holds only 7; it is truncated, so copy it again"),
        Arguments.of(
            "{" + pair + "}", 9, "the tensors end at byte 8 of the data, but the file holds 9"),
        Arguments.of(
            "{" + pair + "," + pair.replace("b", "c").replace("[0,8]", "[4,12]") + "}",
            12,
            "tensor c begins at byte 4 of the data, expected 8: tensors must neither overlap nor"
                + " leave gaps"),
        Arguments.of(
            "{" + pair.replace("[0,8]", "[4,12]") + "}",
            12,
            "tensor b begins at byte 4 of the data, expected 0"),
        Arguments.of(
            "{\"b\":{\"dtype\":\"U8\",\"shape\":[2147483648],\"data_offsets\":[0,2147483648]}}",
            0,
            "tensor b has 2147483648 bytes, more than the supported 2147483647"));
  }

  @ParameterizedTest
  @MethodSource("malformedHeaders")
  void refusesAHeaderThatContradictsItselfOrTheFile(String header, int dataBytes, String sentence)
      throws IOException {
    Path file = folder.resolve("x.safetensors");
    Files.write(file, withHeader(header, new byte[dataBytes]));
    var failure = assertThrows(CheckpointException.class, () -> Safetensors.read(file));
    assertTrue(failure.getMessage().startsWith(file + ": "), failure.getMessage());
    assertTrue(failure.getMessage().contains(sentence), failure.getMessage());
  }

  @Test
  void refusesATruncationAtEveryLength() throws IOException {
    byte[] whole = golden("8800000000000000", GOLDEN_HEADER);
    Path file = folder.resolve("x.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThrows(CheckpointException.class, () -> Safetensors.read(file), "length " + length);
    }
  }

  @Test
  void refusesAHeaderLengthBeyondTheFile() throws IOException {
    Path file = folder.resolve("x.safetensors");
    for (String length : List.of("8900000000000000", "ffffffffffffffff", "ffffffffffffff7f")) {
      Files.write(file, golden(length, GOLDEN_HEADER.substring(0, 127)));
      var failure = assertThrows(CheckpointException.class, () -> Safetensors.read(file));
      // 127 characters and 9 bytes of data follow the length
      assertTrue(failure.getMessage().contains("is outside [0, 136]"), failure.getMessage());
    }
  }

  @Test
  void namesAFileThatIsNotThere() {
    Path file = folder.resolve("absent.safetensors");
    var failure = assertThrows(CheckpointException.class, () -> Safetensors.read(file));
    assertTrue(failure.getMessage().startsWith("cannot read " + file), failure.getMessage());
  }

  @Test
  void refusesNamesThatTheFormatCannotHold() {
    Path file = folder.resolve("x.safetensors");
    assertThrows(
        CheckpointException.class,
        () -> Safetensors.write(file, List.of(PAIR.renamed("__metadata__")), Map.of()));
    assertThrows(
        CheckpointException.class,
        () -> Safetensors.write(file, List.of(PAIR, BYTE.renamed("b")), Map.of()));
    assertFalse(Files.exists(file));
  }

  private static byte[] golden(String lengthHex, String header) {
    byte[] data = HexFormat.of().parseHex(GOLDEN_DATA);
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .put(HexFormat.of().parseHex(lengthHex))
        .put(text)
        .put(data)
        .array();
  }

  private static byte[] withHeader(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }
}
