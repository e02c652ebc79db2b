package dev.troupe.runtime.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Writing beside the target and renaming once the bytes are on the disk: a reader, and a process
 * that starts after a crash or a power cut, sees the old content or the new, never a part. A target
 * has one writer at a time. What a killed writer leaves beside the target is removed by the next
 * one.
 */
public final class Aside {
  private static final String WRITING = ".writing";
  private static final String REPLACED = ".replaced";

  /** What fills the file or directory. */
  @FunctionalInterface
  public interface Filling<T> {
    /** Writes everything; what it throws keeps the place from appearing. */
    void fill(T place) throws IOException;
  }

  private Aside() {}

  /** Writes a file, replacing one of that name. */
  public static void file(Path target, Filling<FileChannel> filling) throws IOException {
    Path aside = beside(target, WRITING);
    try {
      try (FileChannel channel =
          FileChannel.open(
              aside,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        filling.fill(channel);
        channel.force(true);
      }
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
    }
    sync(parent(target));
  }

  /**
   * Gives a file that was written beside the target its name, once its bytes are on the disk;
   * replaces one of that name. For writers that open files themselves.
   */
  public static void rename(Path written, Path target) throws IOException {
    sync(written);
    Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    sync(parent(target));
  }

  /** Writes a text file in UTF-8, replacing one of that name. */
  public static void text(Path target, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    file(
        target,
        channel -> {
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /**
   * Writes a directory, replacing one of that name. No file system exchanges two directories for
   * Java, so a crash between the two renames leaves neither under the name; never a mixture.
   */
  static void directory(Path target, Filling<Path> filling) throws IOException {
    Path aside = beside(target, WRITING);
    Path replaced = beside(target, REPLACED);
    deleteTree(aside);
    deleteTree(replaced);
    try {
      createDirectories(aside);
      filling.fill(aside);
      syncTree(aside);
      if (Files.exists(target)) {
        Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      deleteTree(aside);
    }
    sync(parent(target));
    deleteTree(replaced);
  }

  /** Creates a directory and those above it so that a power cut does not take them away again. */
  public static void createDirectories(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      createDirectories(parent(directory));
      Files.createDirectories(directory);
      sync(parent(directory));
    }
  }

  /** Removes a directory so that it vanishes from under its name at once. */
  static void delete(Path directory) throws IOException {
    Path replaced = beside(directory, REPLACED);
    deleteTree(replaced);
    Files.move(directory, replaced, StandardCopyOption.ATOMIC_MOVE);
    sync(parent(directory));
    deleteTree(replaced);
  }

  /** Whether a name is one that an interrupted write or removal leaves behind. */
  static boolean isLeftover(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(".") && (name.endsWith(WRITING) || name.endsWith(REPLACED));
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    bottomUp(root, Files::delete);
  }

  private static void syncTree(Path root) throws IOException {
    bottomUp(root, Aside::sync);
  }

  @FunctionalInterface
  private interface PathAction {
    void accept(Path path) throws IOException;
  }

  /** Does something to every file and, after what it holds, every directory. */
  private static void bottomUp(Path root, PathAction action) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            action.accept(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            action.accept(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Opened for reading only, because a copied file may be write-protected; fsync does not mind. */
  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path beside(Path target, String suffix) {
    return parent(target).resolve("." + target.getFileName() + suffix);
  }

  private static Path parent(Path target) {
    return target.toAbsolutePath().getParent();
  }
}
