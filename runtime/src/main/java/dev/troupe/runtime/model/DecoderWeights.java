package dev.troupe.runtime.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.WeightLayout.Slot;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The float32 weights of one decoder on one device, in native memory that this object owns.
 *
 * <p>Tensors have their Hugging Face names towards the outside; inside they lie in the slots of the
 * tensor programs. Not safe for a writer beside readers: take a {@link #copy} to hand a version on.
 */
public final class DecoderWeights implements AutoCloseable {
  private final Accelerator accelerator;
  private final DecoderConfig config;
  private final LoraSettings lora;
  private final WeightLayout layout;
  private final NDManager manager;
  private final NDArray[] slots;

  /** Digest of all but the adapters where they never change; null where they may. */
  private final String frozenDigest;

  private DecoderWeights(Accelerator accelerator, DecoderConfig config, LoraSettings lora) {
    this(accelerator, config, lora, null);
  }

  private DecoderWeights(
      Accelerator accelerator, DecoderConfig config, LoraSettings lora, String frozenDigest) {
    this.accelerator = accelerator;
    this.config = config;
    this.lora = lora;
    this.frozenDigest = frozenDigest;
    this.layout = new WeightLayout(config, lora);
    this.manager = accelerator.manager().newSubManager();
    this.slots = new NDArray[layout.slots().size()];
  }

  /**
   * Fresh weights: normal with standard deviation 0.02 for the embedding and {@code 1 /
   * sqrt(inputs)} for projections, those that write to the residual stream divided by {@code sqrt(2
   * layers)} (Radford et al. 2019); gains 1, biases and score head 0. The same seed gives the same
   * bits everywhere.
   */
  public static DecoderWeights random(Accelerator accelerator, DecoderConfig config, long seed) {
    var weights = new DecoderWeights(accelerator, config, null);
    weights.fill(InitialValues.random(config, seed));
    return weights;
  }

  /**
   * The tensors of a loaded model, converted to float32.
   *
   * @param model its names and shapes are those of its configuration, as the loader checked
   */
  public static DecoderWeights load(Accelerator accelerator, LoadedModel model) {
    return of(accelerator, model.config(), model.tensors());
  }

  /**
   * The given tensors by Hugging Face name, converted to float32.
   *
   * @throws IllegalArgumentException if a tensor that the configuration wants is missing
   */
  public static DecoderWeights of(
      Accelerator accelerator, DecoderConfig config, Map<String, HostTensor> tensors) {
    return of(accelerator, config, null, tensors);
  }

  /**
   * The given tensors with the adapters among them: what {@link #toHost} gave.
   *
   * @param lora the adapters, or null for none
   * @throws IllegalArgumentException if a tensor that the configuration wants is missing
   */
  public static DecoderWeights of(
      Accelerator accelerator,
      DecoderConfig config,
      LoraSettings lora,
      Map<String, HostTensor> tensors) {
    var weights = new DecoderWeights(accelerator, config, lora);
    weights.fill(InitialValues.of(tensors));
    return weights;
  }

  /**
   * A copy with fresh low-rank adapters: A normal with standard deviation {@code 1 / sqrt(inputs)},
   * B zero, so that the function is unchanged. Existing adapters are merged first.
   */
  public DecoderWeights withAdapters(LoraSettings settings, long seed) {
    try (DecoderWeights base = merged()) {
      var adapted = new DecoderWeights(accelerator, config, settings);
      adapted.fill(InitialValues.adapters(seed));
      for (Slot slot : adapted.layout.slots()) {
        if (!adapted.layout.isAdapter(slot) && !slot.isEmpty()) {
          adapted.assign(slot.index(), base.slots[slot.index()]);
        }
      }
      return adapted;
    }
  }

  /**
   * A copy with a score head of zeros, so that every score starts at 0: a value or reward head that
   * prefers nothing. Replaces a head that is there; the trunk and adapters stay.
   *
   * @param scores outputs C of the head; 0 takes it away
   */
  public DecoderWeights withScores(int scores) {
    var headed = new DecoderWeights(accelerator, config.withScores(scores), lora);
    headed.fill(InitialValues.zeros());
    for (Slot slot : headed.layout.slots()) {
      if (!slot.isEmpty() && !headed.layout.isScoreHead(slot)) {
        headed.assign(slot.index(), slots[slot.index()]);
      }
    }
    return headed;
  }

  /**
   * A copy with a fresh score head: normal with standard deviation {@code 0.1 / sqrt(width)}, which
   * on normed states makes scores of about 0.1, and bias 0. Unlike a head of zeros it passes a
   * gradient to the trunk from the first step. Replaces a head that is there; the trunk and
   * adapters stay.
   *
   * @param scores outputs C of the head, 1 or more
   * @param seed the same seed gives the same head
   */
  public DecoderWeights withScoreHead(int scores, long seed) {
    if (scores < 1) {
      throw new IllegalArgumentException(
          "scores = " + scores + " make no score head; allowed is 1 or more");
    }
    DecoderWeights headed = withScores(scores);
    FloatBuffer values = InitialValues.scoreHead(scores, config.width(), seed);
    try (NDArray fresh = headed.manager.create(values, new Shape(scores, config.width()))) {
      headed.assign(slots.length - 2, fresh);
    }
    return headed;
  }

  /**
   * Weights with adapters of their own over the tensors of this object, which both share and
   * neither may write to from now on. The shared memory is freed with the last object closed.
   *
   * @param frozenDigest the {@link #baseDigest}
   * @param adapters values of every adapter tensor, row-major, by its name
   */
  DecoderWeights sharing(String frozenDigest, Map<String, float[]> adapters) {
    var member = new DecoderWeights(accelerator, config, lora, frozenDigest);
    member.fill(layout::isAdapter, (slot, name, target) -> target.put(adapters.get(name)));
    for (Slot slot : layout.slots()) {
      if (!layout.isAdapter(slot)) {
        NDArray alias = slots[slot.index()].stopGradient();
        alias.attach(member.manager);
        member.slots[slot.index()] = alias;
      }
    }
    return member;
  }

  /** A copy in which low-rank adapters are added to the matrices that they adapt. */
  public DecoderWeights merged() {
    var plain = new DecoderWeights(accelerator, config, null);
    NDArray[] full =
        accelerator.program().call("merge", slots, shape(), scale()).tensors(plain.manager);
    for (Slot slot : plain.layout.slots()) {
      boolean wanted = !layout.isAdapter(layout.slots().get(slot.index()));
      plain.slots[slot.index()] = wanted ? full[slot.index()] : plain.manager.create(new Shape(0));
      if (!wanted) {
        full[slot.index()].close();
      }
    }
    return plain;
  }

  /** An independent copy on the same device. */
  public DecoderWeights copy() {
    var copy = new DecoderWeights(accelerator, config, lora);
    NDArray[] copies =
        accelerator.exclusively(
            () -> accelerator.program().call("copies", (Object) slots).tensors(copy.manager));
    System.arraycopy(copies, 0, copy.slots, 0, copies.length);
    return copy;
  }

  /**
   * Copies the values of another set of the same decoder into this one, in place.
   *
   * @throws IllegalArgumentException if the other has other tensors or shapes; nothing is copied
   */
  public void copyFrom(DecoderWeights other) {
    layout.requireSame(other.layout);
    for (int i = 0; i < slots.length; i++) {
      if (!layout.slots().get(i).isEmpty()) {
        assign(i, other.slots[i]);
      }
    }
  }

  /** All tensors in host memory as float32 under their Hugging Face names, adapters included. */
  public List<HostTensor> toHost() {
    return host(slot -> true, NDArray::toByteBuffer);
  }

  /**
   * All tensors but the adapters, under their Hugging Face names: on a CPU where they are, valid
   * while this object is open and nobody writes to it, elsewhere copies.
   */
  public List<HostTensor> baseViews() {
    return host(slot -> !layout.isAdapter(slot), DecoderWeights::view);
  }

  /** The adapters alone, likewise; none without adapters. */
  public List<HostTensor> adapterViews() {
    return host(layout::isAdapter, DecoderWeights::view);
  }

  private List<HostTensor> host(Predicate<Slot> wanted, Function<NDArray, ByteBuffer> bytes) {
    var tensors = new ArrayList<HostTensor>();
    for (Slot slot : layout.slots()) {
      if (!slot.isEmpty() && wanted.test(slot)) {
        tensors.addAll(slot.split(bytes.apply(slots[slot.index()]), ""));
      }
    }
    return tensors;
  }

  /**
   * SHA-256 over names, shapes and bytes, in lower-case hexadecimal; with adapters over theirs and
   * the {@link #baseDigest}, so that new adapters over a frozen base need no look at the base.
   */
  public String digest() {
    return lora == null ? baseDigest() : WeightsDigest.of(baseDigest(), adapterViews());
  }

  /** SHA-256 over all but the adapters, in lower-case hexadecimal. */
  public String baseDigest() {
    return frozenDigest == null ? WeightsDigest.of(baseViews()) : frozenDigest;
  }

  /** On a CPU the bytes are read where they are; they stay there until a digest is made. */
  private static ByteBuffer view(NDArray array) {
    return array.toByteBuffer(true);
  }

  /** The decoder's shape. */
  public DecoderConfig config() {
    return config;
  }

  /** The adapters, or null when there are none. */
  public LoraSettings lora() {
    return lora;
  }

  /** Where the weights live. */
  public Accelerator accelerator() {
    return accelerator;
  }

  /**
   * The native arrays in slot order, for calls of tensor programs and for arithmetic on whole sets
   * of weights. They belong to this object; an absent tensor is an array without elements.
   */
  public NDArray[] arrays() {
    return slots.clone();
  }

  /**
   * Copies values into a slot, in place.
   *
   * @param values an array of the slot's shape
   */
  public void assign(int slot, NDArray values) {
    assign(slots[slot], values);
  }

  private void assign(NDArray target, NDArray values) {
    accelerator.program().call("assign", new NDArray[] {target}, new NDArray[] {values}).close();
  }

  /** The whole numbers that every tensor program takes, in the order that decoder.py tells. */
  public int[] shape() {
    return ProgramNumbers.shape(config);
  }

  /** The other numbers that tensor programs take, in the order that decoder.py tells. */
  public double[] numbers() {
    return ProgramNumbers.real(config);
  }

  /** The factor of the adapters, 1 without any. */
  public double scale() {
    return lora == null ? 1 : lora.scale();
  }

  @Override
  public void close() {
    manager.close();
  }

  WeightLayout layout() {
    return layout;
  }

  /** Which slots a trainer updates: all of them, or with adapters only those and a score head. */
  public boolean[] trainable() {
    boolean[] train = new boolean[slots.length];
    for (Slot slot : layout.slots()) {
      train[slot.index()] =
          !slot.isEmpty() && (lora == null || layout.isAdapter(slot) || layout.isScoreHead(slot));
    }
    return train;
  }

  /** Which slots hold matrices; weight decay applies to those alone. */
  public boolean[] matrices() {
    boolean[] matrices = new boolean[slots.length];
    for (Slot slot : layout.slots()) {
      matrices[slot.index()] = slot.isMatrix();
    }
    return matrices;
  }

  /** An array shaped like a slot, as host tensors under the slot's names with a prefix. */
  public List<HostTensor> unstack(int slot, NDArray array, String prefix) {
    return layout.slots().get(slot).split(array.toByteBuffer(), prefix);
  }

  /** The float32 bytes of an array shaped like a slot, likewise; the host tensors are views. */
  public List<HostTensor> unstack(int slot, ByteBuffer values, String prefix) {
    return layout.slots().get(slot).split(values, prefix);
  }

  /**
   * The inverse of {@link #unstack(int, NDArray, String)}: copies named tensors into an array
   * shaped like a slot.
   */
  public void restack(int slot, NDArray array, String prefix, Map<String, HostTensor> tensors) {
    FloatBuffer values = layout.slots().get(slot).join(prefix, tensors);
    try (NDArray copy = array.getManager().create(values, array.getShape())) {
      assign(array, copy);
    }
  }

  private void fill(InitialValues initial) {
    fill(slot -> true, initial);
  }

  private void fill(Predicate<Slot> wanted, InitialValues initial) {
    for (Slot slot : layout.slots()) {
      if (!wanted.test(slot)) {
        continue;
      }
      if (slot.isEmpty()) {
        slots[slot.index()] = manager.create(new Shape(0));
        continue;
      }
      FloatBuffer values = FloatBuffer.allocate(slot.length());
      for (int part = 0; part < slot.parts().size(); part++) {
        int length = slot.rows().get(part) * Math.max(1, slot.columns());
        initial.put(slot, slot.parts().get(part), values.slice(values.position(), length));
        values.position(values.position() + length);
      }
      Shape shape =
          slot.isMatrix()
              ? new Shape(slot.totalRows(), slot.columns())
              : new Shape(slot.totalRows());
      // DJL backs an array made from Java with a Java buffer; libtorch's own memory is aligned.
      try (NDArray copy = manager.create(values.flip(), shape)) {
        slots[slot.index()] = copy.duplicate();
      }
    }
  }
}
