package dev.troupe.runtime.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive: a zip of the module's source, its pickled state and a version.
 *
 * <p>The module has no attributes but {@code training}: weights are passed to its methods. Sources
 * are in TorchScript's serialized dialect; a top-level {@code def} whose first parameter is {@code
 * self} becomes a method of the module, any other becomes a function that the sources call as
 * {@code __torch__.name}. Entries are stored uncompressed, as libtorch's reader wants them.
 */
final class TorchArchive {
  private static final Pattern METHOD = Pattern.compile("def \\w+\\(self: .*");
  private static final String ROOT = "program/";

  private TorchArchive() {}

  static void write(OutputStream target, String source) throws IOException {
    try (var zip = new ZipOutputStream(target)) {
      zip.setMethod(ZipOutputStream.STORED);
      entry(zip, "data.pkl", moduleState());
      entry(zip, "code/__torch__.py", module(source).getBytes(StandardCharsets.UTF_8));
      entry(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      entry(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
      entry(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** The text of {@code __torch__.py}: functions first, then the class with the methods. */
  static String module(String source) {
    var functions = new StringBuilder();
    var methods = new StringBuilder();
    boolean inMethod = false;
    for (String line : source.lines().toList()) {
      if (line.startsWith("def ")) {
        inMethod = METHOD.matcher(line).matches();
      }
      if (line.startsWith("#") || line.isBlank()) {
        continue;
      }
      if (inMethod) {
        methods.append("  ").append(line).append('\n');
      } else {
        functions.append(line).append('\n');
      }
    }
    return functions
        + "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
        + methods;
  }

  /** Pickle, protocol 2, of an {@code M} object whose only attribute is {@code training = True}. */
  private static byte[] moduleState() {
    var out = new ByteArrayOutputStream();
    out.write(0x80); // PROTO
    out.write(2);
    ascii(out, "c__torch__\nM\n"); // GLOBAL
    ascii(out, ")"); // EMPTY_TUPLE
    out.write(0x81); // NEWOBJ
    ascii(out, "}("); // EMPTY_DICT MARK
    ascii(out, "X"); // BINUNICODE, length as four bytes
    String name = "training";
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(name.length() >>> shift);
    }
    ascii(out, name);
    out.write(0x88); // NEWTRUE
    ascii(out, "ub."); // SETITEMS BUILD STOP
    return out.toByteArray();
  }

  private static void ascii(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void entry(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    var entry = new ZipEntry(ROOT + name);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    var crc = new CRC32();
    crc.update(bytes);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
