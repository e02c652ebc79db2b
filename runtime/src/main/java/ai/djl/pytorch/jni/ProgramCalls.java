package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * Calls a named method of a loaded TorchScript module with typed arguments.
 *
 * <p>DJL reaches named methods publicly only through specially named {@code NDList} entries, and
 * its public {@code forward} switches to inference mode, whose tensors can never enter autograd.
 * This class sits in DJL's package to pass {@link IValue}s straight through and to leave the
 * thread's gradient mode to the program.
 */
public final class ProgramCalls {
  private ProgramCalls() {}

  /**
   * Runs one method. The arguments are closed, the result belongs to the caller.
   *
   * @param module the loaded module
   * @param method name of the method
   * @param inference whether the method runs in libtorch's inference mode: its operators do no
   *     bookkeeping for gradients, and what it makes can never take part in one
   * @param arguments in the order of the method's parameters, without {@code self}
   * @throws ai.djl.engine.EngineException if the method does not exist or fails inside libtorch
   */
  public static IValue run(
      PtSymbolBlock module, String method, boolean inference, IValue... arguments) {
    try {
      long[] handles = new long[arguments.length];
      for (int i = 0; i < handles.length; i++) {
        handles[i] = arguments[i].getHandle();
      }
      return new IValue(
          PyTorchLibrary.LIB.moduleRunMethod(
              module.getHandle(), method, handles, !inference, false));
    } finally {
      for (IValue argument : arguments) {
        argument.close();
      }
    }
  }
}
