package dev.troupe.runtime.program;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that libtorch reads. */
class TorchArchiveTest {
  private static final String SOURCE =
      """
      # Says what follows.
      def halve(x: Tensor) -> Tensor:
        return torch.div(x, 2.)

      # A method stands among functions.
      def apply(self: __torch__.M, x: Tensor) -> Tensor:
        y = __torch__.halve(x)

        return __torch__.shift(y)

      def shift(x: Tensor) -> Tensor:
        return torch.add(x, 1.)
      """;

  private static final String MODULE =
      """
      def halve(x: Tensor) -> Tensor:
        return torch.div(x, 2.)
      def shift(x: Tensor) -> Tensor:
        return torch.add(x, 1.)
      class M(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def apply(self: __torch__.M, x: Tensor) -> Tensor:
          y = __torch__.halve(x)
          return __torch__.shift(y)
      """;

  /**
   * Python 3's pickletools.dis of these bytes: PROTO 2, GLOBAL '__torch__ M', EMPTY_TUPLE, NEWOBJ,
   * EMPTY_DICT, MARK, BINUNICODE 'training', NEWTRUE, SETITEMS, BUILD, STOP.
   */
  private static final String STATE =
      "8002635f5f746f7263685f5f0a4d0a29817d285808000000747261696e696e678875622e";

  @TempDir private Path folder;

  @Test
  void putsFunctionsBeforeTheClassAndMethodsIntoIt() {
    assertEquals(MODULE, TorchArchive.module(SOURCE));
  }

  @Test
  void storesEveryEntryUncompressed() throws IOException {
    var bytes = new ByteArrayOutputStream();
    TorchArchive.write(bytes, SOURCE);
    Path file = folder.resolve("program.pt");
    Files.copy(new ByteArrayInputStream(bytes.toByteArray()), file);
    try (var zip = new ZipFile(file.toFile())) {
      List<? extends ZipEntry> entries = zip.stream().toList();
      assertEquals(
          List.of(
              "program/data.pkl",
              "program/code/__torch__.py",
              "program/constants.pkl",
              "program/byteorder",
              "program/version"),
          entries.stream().map(ZipEntry::getName).toList());
      for (ZipEntry entry : entries) {
        assertEquals(ZipEntry.STORED, entry.getMethod(), entry.getName());
      }
      assertEquals(STATE, hex(zip, "data.pkl"));
      assertEquals("8002292e", hex(zip, "constants.pkl")); // PROTO 2, EMPTY_TUPLE, STOP
      assertArrayEquals(MODULE.getBytes(StandardCharsets.UTF_8), content(zip, "code/__torch__.py"));
      assertEquals("10\n", new String(content(zip, "version"), StandardCharsets.US_ASCII));
      assertEquals("little", new String(content(zip, "byteorder"), StandardCharsets.US_ASCII));
    }
  }

  private static String hex(ZipFile zip, String name) throws IOException {
    return HexFormat.of().formatHex(content(zip, name));
  }

  private static byte[] content(ZipFile zip, String name) throws IOException {
    try (var in = zip.getInputStream(zip.getEntry("program/" + name))) {
      return in.readAllBytes();
    }
  }
}
