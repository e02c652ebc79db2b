package dev.troupe.runtime.program;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ProgramCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A loaded tensor program: TorchScript methods that take and return tensors, numbers and lists.
 *
 * <p>A program is stateless and may be called by several threads at once. It fixes what could make
 * results depend on history: the graph executor's profiling optimisation is off on the calling
 * thread.
 */
public final class TensorProgram implements AutoCloseable {
  private static final List<Class<?>> ARGUMENTS =
      List.of(
          PtNDArray.class,
          NDArray[].class,
          Integer.class,
          Long.class,
          Double.class,
          Boolean.class,
          int[].class,
          double[].class,
          boolean[].class);

  private final Model model; // owns the native module; must stay reachable while the block is used
  private final PtSymbolBlock block;

  private TensorProgram(Model model) {
    this.model = model;
    this.block = (PtSymbolBlock) model.getBlock();
  }

  /**
   * Compiles the named sources, found beside this class, into one program for a device.
   *
   * @param device where the program's tensors will live
   * @param sources resource names, in the order in which functions are defined
   * @throws IllegalStateException if a source does not compile; the message has the line
   */
  public static TensorProgram load(Device device, List<String> sources) {
    var text = new StringBuilder();
    for (String name : sources) {
      text.append(resource(name)).append('\n');
    }
    return compile(device, text.toString());
  }

  static TensorProgram compile(Device device, String source) {
    try {
      Path archive = Files.createTempFile("troupe-program", ".pt");
      try {
        try (var out = Files.newOutputStream(archive)) {
          TorchArchive.write(out, source);
        }
        Model model = Model.newInstance("program", device, "PyTorch");
        model.load(archive, null, Map.of("trainParam", "true"));
        return new TensorProgram(model);
      } finally {
        Files.deleteIfExists(archive);
      }
    } catch (IOException | MalformedModelException | EngineException e) {
      throw new IllegalStateException("a tensor program does not load: " + e.getMessage(), e);
    }
  }

  /**
   * Runs one method.
   *
   * @param method its name
   * @param arguments {@link NDArray}, {@code NDArray[]}, {@code Integer}, {@code Long}, {@code
   *     Double}, {@code Boolean}, {@code int[]}, {@code double[]} or {@code boolean[]}, in the
   *     order of the method's parameters
   * @return the method's value; the caller closes it
   * @throws IllegalArgumentException if an argument has another type
   * @throws ai.djl.engine.EngineException if there is no such method, or it fails; the message has
   *     the line of the program
   */
  public ProgramValue call(String method, Object... arguments) {
    return run(method, false, arguments);
  }

  /**
   * Runs one method as {@link #call} does, in libtorch's inference mode: operators cost less, and
   * the tensors that it makes can never enter a calculation with gradients.
   */
  public ProgramValue infer(String method, Object... arguments) {
    return run(method, true, arguments);
  }

  private ProgramValue run(String method, boolean inference, Object... arguments) {
    JniUtils.setGraphExecutorOptimize(false);
    for (Object argument : arguments) {
      if (ARGUMENTS.stream().noneMatch(type -> type.isInstance(argument))) {
        throw new IllegalArgumentException(
            "a tensor program takes no argument of type %s; allowed are %s"
                .formatted(argument == null ? "null" : name(argument.getClass()), allowed()));
      }
    }
    IValue[] values = new IValue[arguments.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(arguments[i]);
    }
    return new ProgramValue(ProgramCalls.run(block, method, inference, values));
  }

  @Override
  public void close() {
    model.close();
  }

  private static IValue value(Object argument) {
    if (argument instanceof PtNDArray array) {
      return IValue.from(array);
    } else if (argument instanceof NDArray[] arrays) {
      PtNDArray[] list = new PtNDArray[arrays.length];
      for (int i = 0; i < list.length; i++) {
        list[i] = (PtNDArray) arrays[i];
      }
      return IValue.listFrom(list);
    } else if (argument instanceof Integer || argument instanceof Long) {
      return IValue.from(((Number) argument).longValue());
    } else if (argument instanceof Double number) {
      return IValue.from((double) number);
    } else if (argument instanceof Boolean flag) {
      return IValue.from((boolean) flag);
    } else if (argument instanceof int[] numbers) {
      long[] list = new long[numbers.length];
      for (int i = 0; i < list.length; i++) {
        list[i] = numbers[i];
      }
      return IValue.listFrom(list);
    } else if (argument instanceof double[] numbers) {
      return IValue.listFrom(numbers);
    } else {
      return IValue.listFrom((boolean[]) argument);
    }
  }

  private static String allowed() {
    return ARGUMENTS.stream().map(TensorProgram::name).collect(Collectors.joining(", "));
  }

  private static String name(Class<?> type) {
    return type.getSimpleName();
  }

  private static String resource(String name) {
    try (InputStream in = TensorProgram.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no tensor program source named " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
