package dev.troupe.runtime.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;

/**
 * What a method of a tensor program returned: a tensor, a list of tensors or a tuple of values.
 *
 * <p>The accessors consume the value: what they return is attached to the given manager and the
 * native holder is closed.
 */
public final class ProgramValue implements AutoCloseable {
  private final IValue value;

  ProgramValue(IValue value) {
    this.value = value;
  }

  /** The tensor, attached to the manager. */
  public NDArray tensor(NDManager manager) {
    try (value) {
      return value.toTensor((PtNDManager) manager);
    }
  }

  /** The list of tensors, attached to the manager. */
  public NDArray[] tensors(NDManager manager) {
    try (value) {
      return value.toTensorArray((PtNDManager) manager);
    }
  }

  /** The members of a tuple. */
  public ProgramValue[] tuple() {
    try (value) {
      IValue[] members = value.toIValueTuple();
      ProgramValue[] values = new ProgramValue[members.length];
      for (int i = 0; i < members.length; i++) {
        values[i] = new ProgramValue(members[i]);
      }
      return values;
    }
  }

  @Override
  public void close() {
    value.close();
  }
}
