package dev.troupe.runtime.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DecoderConfigTest {
  private static final DecoderConfig TINY = DecoderConfig.llama(512, 64, 5, 8, 4, 172, 512);

  @Test
  void countsTheParametersOfALlama() {
    // 512*64 + 5*(64 + 2*64*64 + 2*32*64 + 64 + 3*172*64) + 64, the published 260,032
    assertEquals(260_032, TINY.parameters());
  }

  @Test
  void countsTheParametersOfAQwen2WithItsBiases() {
    // Qwen2.5-0.5B: 151936*896 + 24*(896*896+896 + 2*(128*896+128) + 896*896 + 3*896*4864 + 2*896)
    //   + 896 = 494,032,768
    assertEquals(494_032_768, qwen("qwen2", 896, 24, 14, 2, 64, 4864).parameters());
  }

  @Test
  void countsTheParametersOfAQwen3WhoseHeadsAreWiderThanTheModel() {
    // Qwen3-0.6B: 151936*1024 + 28*(2048*1024 + 2*1024*1024 + 1024*2048 + 2*128 + 3*1024*3072
    //   + 2*1024) + 1024 = 596,049,920
    assertEquals(596_049_920, qwen("qwen3", 1024, 28, 16, 8, 128, 3072).parameters());
  }

  @Test
  void namesTheTensorsAsTransformersDoes() {
    var shapes = DecoderConfig.llama(10, 8, 1, 2, 1, 12, 16).tensorShapes();
    assertEquals(
        List.of(
            "model.embed_tokens.weight",
            "model.layers.0.input_layernorm.weight",
            "model.layers.0.mlp.down_proj.weight",
            "model.layers.0.mlp.gate_proj.weight",
            "model.layers.0.mlp.up_proj.weight",
            "model.layers.0.post_attention_layernorm.weight",
            "model.layers.0.self_attn.k_proj.weight",
            "model.layers.0.self_attn.o_proj.weight",
            "model.layers.0.self_attn.q_proj.weight",
            "model.layers.0.self_attn.v_proj.weight",
            "model.norm.weight"),
        List.copyOf(shapes.keySet()));
    assertArrayEquals(new long[] {8, 12}, shapes.get("model.layers.0.mlp.down_proj.weight"));
    assertArrayEquals(new long[] {4, 8}, shapes.get("model.layers.0.self_attn.k_proj.weight"));
  }

  @Test
  void addsTheScoreHeadAndTakesItAway() {
    var scored = TINY.withScores(3);
    assertArrayEquals(new long[] {3, 64}, scored.tensorShapes().get("score.weight"));
    assertArrayEquals(new long[] {3}, scored.tensorShapes().get("score.bias"));
    assertEquals(TINY.parameters() + 3 * 64 + 3, scored.parameters());
    assertEquals(TINY, scored.withScores(0));
  }

  @Test
  void givesBiasesAndNormsToTheirFamiliesAlone() {
    String attention = "model.layers.0.self_attn.";
    var qwen2 = qwen("qwen2", 896, 1, 14, 2, 64, 4864).tensorShapes();
    var qwen3 = qwen("qwen3", 1024, 1, 16, 8, 128, 3072).tensorShapes();
    assertArrayEquals(new long[] {128}, qwen2.get(attention + "k_proj.bias"));
    assertFalse(qwen2.containsKey(attention + "o_proj.bias"));
    assertArrayEquals(new long[] {128}, qwen3.get(attention + "q_norm.weight"));
    assertFalse(qwen3.containsKey(attention + "q_proj.bias"));
    assertFalse(qwen3.containsKey("lm_head.weight"));
  }

  @Test
  void keepsItsOwnListOfEndTokens() {
    assertEquals(List.of(1, 2), TINY.withTokens(0, List.of(1, 2), -1).eosTokens());
    assertEquals(2, TINY.headsPerKv());
  }

  @Test
  void listsEveryMistakeAtOnce() {
    var failure =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new DecoderConfig(
                    "falcon",
                    0,
                    64,
                    1,
                    8,
                    3,
                    7,
                    172,
                    512,
                    0,
                    Double.NaN,
                    true,
                    false,
                    false,
                    false,
                    false,
                    -1,
                    5,
                    List.of(9),
                    -2,
                    DecoderTraits.PLAIN));
    Stream.of(
            "family = falcon is not one of " + DecoderConfig.FAMILIES,
            "vocabSize = 0",
            "heads = 8 is not a multiple of kvHeads = 3",
            "headSize = 7 must be even",
            "normEpsilon = 0.0",
            "ropeTheta = NaN",
            "scores = -1",
            "bosToken = 5",
            "eosTokens contains 9",
            "padToken = -2")
        .forEach(
            part -> assertTrue(failure.getMessage().contains(part), () -> part + " in " + failure));
  }

  @Test
  void refusesWhatTheFamilyCannotExpress() {
    var failure =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new DecoderConfig(
                    "qwen2",
                    10,
                    8,
                    1,
                    2,
                    1,
                    4,
                    12,
                    16,
                    1e-6,
                    1e4,
                    true,
                    false,
                    true,
                    true,
                    true,
                    0,
                    -1,
                    List.of(),
                    -1,
                    DecoderTraits.PLAIN));
    assertEquals(
        "decoder: family qwen2 requires qkNorm = false, not true;"
            + " family qwen2 requires attentionBias = true, not false;"
            + " family qwen2 requires outputBias = false, not true;"
            + " family qwen2 requires feedForwardBias = false, not true",
        failure.getMessage());
  }

  @Test
  void refusesAWidthThatItsHeadsCannotShare() {
    var failure =
        assertThrows(
            IllegalArgumentException.class, () -> DecoderConfig.llama(10, 9, 1, 2, 1, 12, 16));
    assertEquals("decoder: width = 9 is not a multiple of heads = 2", failure.getMessage());
  }

  private static DecoderConfig qwen(
      String family, int width, int layers, int heads, int kvHeads, int headSize, int feedForward) {
    boolean bias = family.equals("qwen2");
    return new DecoderConfig(
        family,
        151_936,
        width,
        layers,
        heads,
        kvHeads,
        headSize,
        feedForward,
        32_768,
        1e-6,
        1e6,
        true,
        bias,
        false,
        false,
        !bias,
        0,
        -1,
        List.of(),
        -1,
        DecoderTraits.PLAIN);
  }
}
