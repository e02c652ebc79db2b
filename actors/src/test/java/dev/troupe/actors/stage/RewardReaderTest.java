package dev.troupe.actors.stage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Group;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.WorkUnit;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderTraits;
import dev.troupe.runtime.settings.RewardView;
import dev.troupe.runtime.tokenizer.CharacterTokenizer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewardReaderTest {
  private static final CharacterTokenizer TOKENIZER =
      new CharacterTokenizer("0123456789+=Confidec: .\n<>/thk");
  private static final int CONTEXT = 40;
  private static final String PROMPT = "1+2=";

  private static String read(RewardView.Kind kind, boolean strict, String text, boolean isEnded) {
    return text(sequence(kind, strict, text, isEnded));
  }

  private static TrainingSequence sequence(
      RewardView.Kind kind, boolean strict, String text, boolean isEnded) {
    int[] tokens = TOKENIZER.encode(text);
    if (isEnded) {
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = TOKENIZER.eosToken();
    }
    WorkUnit unit = Samples.unit(Samples.versions(0));
    var provenance = new Provenance("generator-1", unit.id(), unit.policy());
    var rollout =
        new Rollout(0, tokens, new float[tokens.length], FinishReason.LENGTH, text, provenance);
    Ticket ticket = unit.tickets().get(0);
    var group = new Group(ticket, TOKENIZER.encode(PROMPT), List.of(rollout, rollout));
    var view = new RewardView(kind, "</think>", "", strict);
    return new RewardReader(view, new PromptTokens(TOKENIZER, config())).of(group, rollout);
  }

  private static DecoderConfig config() {
    return new DecoderConfig(
        "llama",
        TOKENIZER.vocabSize(),
        8,
        1,
        1,
        1,
        8,
        8,
        CONTEXT,
        1e-5,
        1e4,
        false,
        false,
        false,
        false,
        false,
        0,
        TOKENIZER.bosToken(),
        List.of(TOKENIZER.eosToken()),
        TOKENIZER.padToken(),
        DecoderTraits.PLAIN);
  }

  private static String text(TrainingSequence sequence) {
    int[] tokens = sequence.tokens();
    assertEquals(TOKENIZER.eosToken(), tokens[tokens.length - 1], "the head stands behind the end");
    assertEquals(PROMPT.length(), sequence.promptLength());
    return TOKENIZER.decode(Arrays.copyOf(tokens, tokens.length - 1));
  }

  @Test
  void readsAllAndEndsWhatWasCut() {
    assertEquals(
        "1+2=3\nConfidence: 7.", read(RewardView.Kind.ALL, false, "3\nConfidence: 7.", true));
    assertEquals("1+2=3\nConf", read(RewardView.Kind.ALL, false, "3\nConf", false));
    assertArrayEquals(
        sequence(RewardView.Kind.ALL, false, "3", true).tokens(),
        sequence(RewardView.Kind.ALL, false, "3", false).tokens());
  }

  @Test
  void leavesTheConfidenceOut() {
    assertEquals(
        "1+2=3", read(RewardView.Kind.WITHOUT_CONFIDENCE, false, "3\nConfidence: 7.", true));
  }

  @Test
  void readsWhatFollowsTheThoughts() {
    assertEquals("1+2=3", read(RewardView.Kind.ANSWER, true, "1+2=3</think>3", true));
    assertEquals("1+2=3+4", read(RewardView.Kind.ANSWER, false, "3+4", true));
    assertEquals("1+2=", read(RewardView.Kind.ANSWER, true, "3+4", true));
  }

  @Test
  void cutsWhatDoesNotFitIntoTheContext() {
    TrainingSequence sequence = sequence(RewardView.Kind.ALL, false, "3".repeat(60), false);
    assertEquals(CONTEXT, sequence.tokens().length);
    assertEquals("1+2=" + "3".repeat(CONTEXT - 5), text(sequence));
  }
}
