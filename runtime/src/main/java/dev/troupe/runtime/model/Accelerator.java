package dev.troupe.runtime.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.troupe.runtime.program.TensorProgram;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device that computes, with the tensor programs loaded for it.
 *
 * <p>Several actors may share one. A chunk of native work already uses all of the device, so chunks
 * take turns: {@link #exclusively} is fair, and every chunk is short (one decode chunk, one
 * micro-batch).
 */
public final class Accelerator implements AutoCloseable {
  private static final Pattern CUDA = Pattern.compile("cuda:(\\d+)");

  private final Device device;
  private final NDManager manager;
  private final TensorProgram program;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final AtomicLong busyNanos = new AtomicLong();
  private final Lanes lanes;

  private Accelerator(Device device, int threads) {
    this.device = device;
    this.lanes = new Lanes(device.isGpu() || threads == 1 ? 0 : threads, threads);
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.program =
        TensorProgram.load(device, List.of("decoder.py", "train.py", "pack.py", "generate.py"));
  }

  /**
   * Opens a device.
   *
   * @param name {@code cpu} or {@code cuda:N}
   * @param threads threads of one operator on the CPU, for the whole process; 0 means one per core
   * @throws DeviceException if there is no such device; the message says what there is
   */
  public static Accelerator of(String name, int threads) {
    Device device = device(name);
    Engine engine = Engine.getEngine("PyTorch");
    if (device.isGpu() && engine.getGpuCount() <= device.getDeviceId()) {
      throw new DeviceException(
          "device = "
              + name
              + " is not here: PyTorch sees "
              + engine.getGpuCount()
              + " CUDA devices; use cpu, or run with the CUDA natives (README, GPU)");
    }
    return new Accelerator(
        device, threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
  }

  /**
   * The CPU once more, beside what the process computes already: the number of threads of an
   * operator stays as it is.
   */
  public static Accelerator beside() {
    Engine.getEngine("PyTorch");
    return new Accelerator(Device.cpu(), JniUtils.getNumThreads());
  }

  /** Checks that a device name is well-formed, without looking for the device. */
  public static Device device(String name) {
    if (name.equals("cpu")) {
      return Device.cpu();
    }
    Matcher cuda = CUDA.matcher(name);
    if (!cuda.matches()) {
      throw new DeviceException(
          "device = " + name + " is unknown; allowed are cpu and cuda:N, for instance cuda:0");
    }
    return Device.gpu(Integer.parseInt(cuda.group(1)));
  }

  /** Where tensors live. */
  public Device device() {
    return device;
  }

  /** The manager that owns long-lived tensors of this device; make sub-managers for the rest. */
  public NDManager manager() {
    return manager;
  }

  /** The loaded tensor programs. */
  public TensorProgram program() {
    return program;
  }

  /**
   * Whether generation uses matrices in oneDNN's blocked layout: on CPUs, where it makes a row's
   * numbers independent of its neighbours and of the number of threads.
   */
  public boolean blockedMatrices() {
    return !device.isGpu();
  }

  /** Runs one chunk of native work when no other is running on this device. */
  public <T> T exclusively(Supplier<T> chunk) {
    turn.lock();
    long begin = System.nanoTime();
    try {
      return chunk.get();
    } finally {
      busyNanos.addAndGet(System.nanoTime() - begin);
      turn.unlock();
    }
  }

  /**
   * Into how many pieces work on small operators is worth splitting: one a thread on a CPU, else 1.
   */
  public int lanes() {
    return Math.max(1, lanes.count());
  }

  /**
   * Runs pieces of one chunk of native work side by side, each with one thread an operator, and
   * returns when all have ended. A single piece runs here, with all threads.
   *
   * @throws RuntimeException the first failure of a piece, after the others have ended too
   */
  public void sideBySide(List<Runnable> pieces) {
    if (pieces.size() == 1) {
      pieces.get(0).run();
    } else {
      inLanes(pieces);
    }
  }

  /**
   * Runs pieces of one chunk of native work side by side, each with one thread an operator, also
   * when there is but one: their numbers then do not depend on the number of threads. Returns when
   * all have ended.
   *
   * @throws RuntimeException the first failure of a piece, after the others have ended too
   */
  public void inLanes(List<Runnable> pieces) {
    if (lanes.count() == 0) {
      pieces.forEach(Runnable::run);
    } else {
      lanes.run(pieces);
    }
  }

  /** Whether somebody waits for their turn on this device: time to end a chunk of work soon. */
  public boolean isWanted() {
    return turn.hasQueuedThreads();
  }

  /** How long chunks of native work have run since this device was opened, nanoseconds. */
  public long busyNanos() {
    return busyNanos.get();
  }

  @Override
  public void close() {
    lanes.close();
    program.close();
    manager.close();
  }
}
