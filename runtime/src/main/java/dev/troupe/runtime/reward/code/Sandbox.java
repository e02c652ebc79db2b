package dev.troupe.runtime.reward.code;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The command lines that confine a program, by bubblewrap: namespaces of its own for processes,
 * network, users and the rest, the system read-only, nothing of the home directories, and limits of
 * the kernel set by {@code prlimit}. A superuser becomes nobody first, because the kernel counts no
 * processes of a superuser.
 */
final class Sandbox {
  /** Where the files of the program are, inside. */
  static final String FOLDER = "/program";

  private static final String NOBODY = "65534";
  private static final List<String> SYSTEM =
      List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32");
  private static final List<String> SETTINGS =
      List.of("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d");

  private Sandbox() {}

  private static final class Probe {
    static final Optional<String> REFUSAL = probe();
  }

  /** Why programs cannot be confined on this machine; empty if they can. Found out once. */
  static Optional<String> refusal() {
    return Probe.REFUSAL;
  }

  private static Optional<String> probe() {
    for (String tool : List.of("bwrap", "prlimit")) {
      if (find(tool).isEmpty()) {
        return Optional.of(
            "%s is not installed (Debian: apt-get install bubblewrap util-linux)".formatted(tool));
      }
    }
    var command = new ArrayList<>(asNobody());
    command.addAll(List.of("bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/"));
    command.addAll(List.of("prlimit", "--nproc=16", "true"));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.of("bwrap did not answer within 10 seconds");
      }
      String said = text(process.getInputStream());
      return process.exitValue() == 0
          ? Optional.empty()
          : Optional.of("bwrap does not work here: " + said.strip());
    } catch (IOException e) {
      return Optional.of("bwrap cannot be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("the look at bwrap was interrupted");
    }
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readNBytes(1000), StandardCharsets.UTF_8);
  }

  /**
   * The command line that runs a program in a sandbox.
   *
   * @param folder directory with the program's files, readable by all
   * @param program its own command line
   */
  static List<String> confine(Confinement bounds, Path folder, List<String> program) {
    var command = new ArrayList<>(asNobody());
    command.addAll(
        List.of("bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"));
    command.addAll(List.of("--cap-drop", "ALL", "--hostname", "sandbox"));
    command.addAll(List.of("--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin"));
    command.addAll(List.of("--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8"));
    command.addAll(List.of("--ro-bind", "/usr", "/usr"));
    for (String name : SYSTEM) {
      Path path = Path.of("/" + name);
      if (Files.isSymbolicLink(path)) {
        command.addAll(List.of("--symlink", "usr/" + name, "/" + name));
      } else if (Files.isDirectory(path)) {
        command.addAll(List.of("--ro-bind", "/" + name, "/" + name));
      }
    }
    SETTINGS.forEach(path -> command.addAll(List.of("--ro-bind-try", path, path)));
    for (Path path : bounds.readOnly()) {
      String name = path.toAbsolutePath().toString();
      command.addAll(List.of("--ro-bind", name, name));
    }
    command.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
    command.addAll(List.of("--size", String.valueOf(bounds.diskBytes()), "--tmpfs", "/tmp"));
    command.addAll(List.of("--ro-bind", folder.toString(), FOLDER, "--chdir", "/tmp", "--"));
    command.addAll(limits(bounds, true));
    command.addAll(program);
    return command;
  }

  /** The command line that runs a program with the kernel's limits alone, where there are any. */
  static List<String> limit(Confinement bounds, List<String> program) {
    var command = new ArrayList<String>();
    if (find("prlimit").isPresent()) {
      // Processes of the same user outside count too, so their number is not limited here.
      command.addAll(limits(bounds, false));
    }
    command.addAll(program);
    return command;
  }

  private static List<String> limits(Confinement bounds, boolean ownProcesses) {
    var limits = new ArrayList<>(List.of("prlimit", "--core=0"));
    // The first bound is a signal that tells which one it was, the second an end without words.
    long seconds = bounds.cpuTime().toSeconds();
    limits.add("--cpu=" + seconds + ":" + (seconds + 1));
    limits.add("--as=" + 2 * bounds.memoryBytes());
    limits.add("--fsize=" + bounds.diskBytes());
    if (ownProcesses) {
      limits.add("--nproc=" + bounds.processes());
    }
    limits.add("--");
    return limits;
  }

  private static List<String> asNobody() {
    boolean isSuperuser = "root".equals(System.getProperty("user.name"));
    return isSuperuser && find("setpriv").isPresent()
        ? List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--")
        : List.of();
  }

  private static Optional<Path> find(String tool) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
    for (String folder : path.split(":")) {
      Path file = Path.of(folder, tool);
      if (Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
