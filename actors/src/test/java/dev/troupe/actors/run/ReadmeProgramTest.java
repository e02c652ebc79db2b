package dev.troupe.actors.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that README.md shows, taken out of it, compiles and does what it says. */
class ReadmeProgramTest {
  private static final Path ROOT = Path.of(System.getProperty("troupe.root", ".."));

  @TempDir private Path directory;

  @Test
  void compilesAndRunsToItsEnd() throws Exception {
    Path source = Files.writeString(directory.resolve("Sorter.java"), program());
    compile(source);
    Path run = directory.resolve("run");
    String said;
    try (var loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      said = main(loader.loadClass("Sorter"), run.toString());
    }
    // 6 + 4 steps, each with its line, and the outcome
    assertEquals(
        4, Pattern.compile("^grpo \\d+ reward", Pattern.MULTILINE).matcher(said).results().count());
    assertTrue(said.contains("Completed[digests={"), said);
    assertTrue(Files.exists(run.resolve("checkpoints/grpo/step-4/model.safetensors")));
  }

  private void compile(Path source) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var messages = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      boolean isCompiled =
          compiler
              .getTask(
                  messages,
                  files,
                  null,
                  List.of(
                      "-cp", classpath(), "-d", directory.toString(), "-Xlint:all", "-proc:none"),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      assertTrue(isCompiled, messages::toString);
    }
  }

  private static String classpath() {
    return Nodes.ownClasspath();
  }

  private static String main(Class<?> program, String argument) throws Exception {
    var said = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      program.getMethod("main", String[].class).invoke(null, (Object) new String[] {argument});
    } finally {
      System.setOut(before);
    }
    return said.toString(StandardCharsets.UTF_8);
  }

  private static String program() throws Exception {
    Matcher block =
        Pattern.compile("```java\n(.*?)\n```", Pattern.DOTALL)
            .matcher(Files.readString(ROOT.resolve("README.md")));
    assertTrue(block.find(), "README has no program");
    return block.group(1);
  }
}
