package dev.troupe.algorithms.salsa;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.troupe.algorithms.Require;
import java.util.Arrays;
import java.util.List;

/**
 * The weight average of models with one architecture and one pre-trained start (Wortsman et al.
 * 2022; as a reference model: SALSA, Chegini et al. 2024). Only full weights may be averaged: the
 * average of two LoRA factors is not the factor of the average.
 */
public final class ModelSoup {
  /** How far the shares may sum from 1. */
  public static final double SHARE_TOLERANCE = 1e-9;

  private ModelSoup() {}

  /**
   * The average of one tensor of K models. Computed in float32, or in float64 if the members are,
   * and then cast to their type: in half precision the small differences between fine-tuned models
   * would be lost. A tensor of integers (a buffer) is copied from the first model. If the share of
   * one member is 1 the result is that member bit for bit. NaN is passed on; {@link SoupGuard}
   * finds it.
   *
   * <p>Members in bfloat16 must be widened to float32 before, and the soup narrowed after, in a
   * tensor program.
   *
   * @param manager the owner of the result
   * @param name name of the tensor, for error messages
   * @param members the tensor in each model: one shape, one type; they stay open
   * @param shares share of each model, in [0, 1], summing to 1
   * @return a new array of the shape and type of the members, without gradient
   * @throws IllegalArgumentException if there is no member, the numbers differ, a shape or type
   *     differs, the members are in bfloat16, or the shares are not a partition of 1
   */
  public static NDArray average(
      NDManager manager, String name, List<NDArray> members, double... shares) {
    requirePartition(members.size(), shares);
    NDArray first = members.get(0);
    for (int k = 1; k < members.size(); k++) {
      SoupGuard.requireSameLayout(name, first, "model " + k, members.get(k));
    }
    if (first.getDataType() == DataType.BFLOAT16) {
      // DJL 0.35.1 ends the process in native code when asked to convert to bfloat16.
      throw new IllegalArgumentException(
          "tensor %s is %s %s, expected float32: widen the models before averaging them"
              .formatted(name, first.getDataType(), first.getShape()));
    }
    if (!first.getDataType().isFloating()) {
      return copy(manager, first, first.getDataType());
    }
    DataType wide = wide(first.getDataType());
    try (NDManager scratch = manager.newSubManager()) {
      NDArray sum = null;
      for (int k = 0; k < shares.length; k++) {
        // A member without a share is left out: 0 * infinity is NaN, and -0.0 + 0.0 is 0.0.
        if (shares[k] > 0) {
          NDArray part = copy(scratch, members.get(k), wide).muli(shares[k]);
          if (sum == null) {
            sum = part;
          } else {
            sum.addi(part);
            part.close();
          }
        }
      }
      NDArray soup = wide == first.getDataType() ? sum : sum.toType(first.getDataType(), false);
      soup.attach(manager);
      return soup;
    }
  }

  /** The type in which floating tensors of a type are averaged. */
  static DataType wide(DataType type) {
    return type == DataType.FLOAT64 ? DataType.FLOAT64 : DataType.FLOAT32;
  }

  /** A copy that can be changed in place without touching the model. */
  static NDArray copy(NDManager manager, NDArray member, DataType type) {
    NDArray constant = member.stopGradient();
    // DJL's toType(type, copy = true) shares the memory of an array that already has the type.
    NDArray copy =
        constant.getDataType() == type ? constant.duplicate() : constant.toType(type, true);
    if (constant != member) {
      constant.close();
    }
    copy.attach(manager);
    return copy;
  }

  private static void requirePartition(int members, double[] shares) {
    if (members == 0) {
      throw new IllegalArgumentException("members is empty, expected at least 1 model");
    }
    Require.sameLength("members", members, "shares", shares.length);
    for (int k = 0; k < shares.length; k++) {
      Require.within("shares[" + k + "]", shares[k], 0, 1);
    }
    double total = Arrays.stream(shares).sum();
    if (Math.abs(total - 1) > SHARE_TOLERANCE) {
      throw new IllegalArgumentException(
          "shares %s sum to %s, expected 1".formatted(Arrays.toString(shares), total));
    }
  }
}
