package dev.troupe.runtime.training;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What glibc's allocator has given out, over all arenas. Unlike the resident set of the process it
 * does not breathe with the Java heap, compiled code or free memory that the allocator keeps.
 */
final class MallocReport {
  private static final Pattern TOTALS =
      Pattern.compile("</heap>\\s*(<total .*)</malloc>", Pattern.DOTALL);
  private static final Pattern FREE =
      Pattern.compile("<total type=\"(?:fast|rest)\" count=\"\\d+\" size=\"(\\d+)\"/>");
  private static final Pattern MAPPED =
      Pattern.compile("<total type=\"mmap\" count=\"\\d+\" size=\"(\\d+)\"/>");
  private static final Pattern SYSTEM =
      Pattern.compile("<system type=\"current\" size=\"(\\d+)\"/>");

  private MallocReport() {}

  static boolean isAvailable() {
    try {
      NativeLibrary.getProcess().getFunction("malloc_info");
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  static long liveBytes() throws IOException {
    System.gc();
    Path report = Files.createTempFile("malloc", ".xml");
    try {
      NativeLibrary libc = NativeLibrary.getProcess();
      Pointer file = function(libc, "fopen").invokePointer(new Object[] {report.toString(), "w"});
      function(libc, "malloc_info").invokeInt(new Object[] {0, file});
      function(libc, "fclose").invokeInt(new Object[] {file});
      Matcher totals = TOTALS.matcher(Files.readString(report));
      if (!totals.find()) {
        throw new IOException("malloc_info wrote no totals");
      }
      String text = totals.group(1);
      return sum(SYSTEM, text) - sum(FREE, text) + sum(MAPPED, text);
    } finally {
      Files.delete(report);
    }
  }

  private static Function function(NativeLibrary library, String name) {
    return library.getFunction(name);
  }

  private static long sum(Pattern pattern, String text) {
    return pattern.matcher(text).results().mapToLong(m -> Long.parseLong(m.group(1))).sum();
  }
}
