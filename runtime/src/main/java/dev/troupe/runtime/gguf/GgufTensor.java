package dev.troupe.runtime.gguf;

import java.util.function.Supplier;

/**
 * A tensor to be written.
 *
 * @param name in llama.cpp's words, such as {@code blk.0.attn_q.weight}
 * @param shape sizes of the axes, slowest first; the file lists them the other way round
 * @param type how its numbers are stored; the last axis is a multiple of its block
 * @param values makes the numbers, row-major; called once, when they are written
 */
record GgufTensor(String name, long[] shape, GgufType type, Supplier<float[]> values) {
  long elements() {
    long elements = 1;
    for (long size : shape) {
      elements = Math.multiplyExact(elements, size);
    }
    return elements;
  }

  long bytes() {
    return type.bytes(elements());
  }
}
