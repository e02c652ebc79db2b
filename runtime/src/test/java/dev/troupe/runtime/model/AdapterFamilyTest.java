package dev.troupe.runtime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.checkpoint.HostTensor;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class AdapterFamilyTest {
  private static final Accelerator CPU = Accelerator.of("cpu", 1);
  private static final LoraSettings LORA =
      new LoraSettings(2, 4, EnumSet.of(LoraSettings.Target.Q, LoraSettings.Target.DOWN));

  @AfterAll
  static void close() {
    CPU.close();
  }

  /** Weights whose factors B are not zero, as after training. */
  private static DecoderWeights trained() {
    try (DecoderWeights base = DecoderWeights.random(CPU, TinyDecoders.qwen2(), 1);
        DecoderWeights fresh = base.withAdapters(LORA, 2)) {
      Map<String, HostTensor> tensors = new TreeMap<>(HostTensor.byName(fresh.toHost()));
      tensors.replaceAll(
          (name, tensor) ->
              name.endsWith("lora_B.weight")
                  ? HostTensor.of(name, ramp((int) tensor.elements()), tensor.shape())
                  : tensor);
      return DecoderWeights.of(CPU, base.config(), LORA, tensors);
    }
  }

  private static float[] ramp(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (i % 7 - 3) * 0.01f;
    }
    return values;
  }

  private static List<AdapterPair> moved(List<AdapterPair> pairs) {
    var moved = new ArrayList<AdapterPair>(pairs);
    AdapterPair first = pairs.get(0);
    double[][] a = first.a().clone();
    a[0] = a[0].clone();
    a[0][0] += 1;
    moved.set(0, new AdapterPair(first.module(), a, first.b()));
    return moved;
  }

  @Test
  void namesTheAdaptersInTheOrderOfTheLayers() {
    try (var family = new AdapterFamily(trained())) {
      assertEquals(
          List.of(
              "model.layers.0.self_attn.q_proj",
              "model.layers.0.mlp.down_proj",
              "model.layers.1.self_attn.q_proj",
              "model.layers.1.mlp.down_proj"),
          family.adapters().stream().map(AdapterPair::module).toList());
      assertEquals(2, family.adapters().get(0).a().length);
      assertEquals(2, family.adapters().get(0).b()[0].length);
    }
  }

  @Test
  void aMemberWithTheFoundersAdaptersIsTheFounderBitForBit() {
    try (DecoderWeights founder = trained();
        var family = new AdapterFamily(trained());
        DecoderWeights same = family.member(family.adapters())) {
      assertEquals(Set.copyOf(founder.toHost()), Set.copyOf(same.toHost()));
      assertEquals(founder.digest(), same.digest());
    }
  }

  @Test
  void aMemberSharesTheBaseAndHasAdaptersOfItsOwn() {
    DecoderWeights other;
    Map<String, HostTensor> before;
    try (var family = new AdapterFamily(trained())) {
      other = family.member(moved(family.adapters()));
      before = HostTensor.byName(other.toHost());
    }
    // The founder is closed by now; what the member shares with it must still be there.
    try (other;
        DecoderWeights founder = trained()) {
      Map<String, HostTensor> now = HostTensor.byName(other.toHost());
      assertEquals(before, now);
      assertEquals(founder.baseDigest(), other.baseDigest());
      assertNotEquals(founder.digest(), other.digest());
      List<String> different = new ArrayList<>();
      for (HostTensor tensor : founder.toHost()) {
        if (!tensor.equals(now.get(tensor.name()))) {
          different.add(tensor.name());
        }
      }
      assertEquals(List.of("model.layers.0.self_attn.q_proj.lora_A.weight"), different);
    }
  }

  @Test
  void withoutAdaptersTheDigestIsThatOfTheTensors() {
    try (DecoderWeights plain = DecoderWeights.random(CPU, TinyDecoders.llama(), 3)) {
      assertEquals(WeightsDigest.of(plain.toHost()), plain.digest());
    }
  }

  @Test
  void aCopyOfAMemberCanBeWrittenTo() {
    try (var family = new AdapterFamily(trained());
        DecoderWeights member = family.member(family.adapters());
        DecoderWeights copy = member.copy()) {
      float[] before = member.arrays()[0].toFloatArray();
      copy.assign(0, copy.arrays()[0].zerosLike());

      assertNotEquals(member.digest(), copy.digest());
      assertArrayEquals(before, member.arrays()[0].toFloatArray(), 0);
    }
  }

  @Test
  void refusesWeightsWithoutAdaptersAndAdaptersOfOtherModules() {
    try (DecoderWeights plain = DecoderWeights.random(CPU, TinyDecoders.llama(), 3);
        var family = new AdapterFamily(trained())) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> new AdapterFamily(plain)).getMessage();
      assertTrue(message.contains("train low-rank adapters first"), message);
      List<AdapterPair> reversed = new ArrayList<>(family.adapters());
      reversed.add(0, reversed.remove(1));
      assertThrows(IllegalArgumentException.class, () -> family.member(reversed));
      assertThrows(IllegalArgumentException.class, () -> family.member(List.of()));
    }
  }
}
