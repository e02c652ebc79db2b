package dev.troupe.actors.chat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.troupe.actors.Samples;
import dev.troupe.actors.protocol.Given;
import dev.troupe.actors.protocol.Provenance;
import dev.troupe.actors.protocol.Rollout;
import dev.troupe.runtime.generation.Completion;
import dev.troupe.runtime.generation.FinishReason;
import dev.troupe.runtime.generation.GenerationRequest;
import dev.troupe.runtime.generation.Sampling;
import dev.troupe.runtime.reward.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentSessionTest {
  private static final int END = TinyChat.TOKENIZER.eosToken();
  private static final Provenance PROVENANCE =
      new Provenance("generator-1", null, Samples.version(0));

  private final AgentSession session =
      new AgentSession(
          TinyChat.PROMPTS, Sampling.plain(9, List.of(END)), 7, 70, 2, 4, Duration.ofMillis(20));

  private static int[] ids(String text) {
    return TinyChat.TOKENIZER.encode(text);
  }

  /** Messages of the user and the assistant in turn. */
  private static ChatRequest talk(String... said) throws ChatException {
    var messages = new StringBuilder();
    for (int i = 0; i < said.length; i++) {
      messages.append(
          "%s{\"role\": \"%s\", \"content\": \"%s\"}"
              .formatted(i == 0 ? "" : ",", i % 2 == 0 ? "user" : "assistant", said[i]));
    }
    return ChatRequest.parse(
        "{\"messages\": [%s], \"temperature\": 0.1}".formatted(messages).getBytes(UTF_8));
  }

  /** The policy says something, and ends its turn. */
  private GenerationRequest say(String text, ChatRequest request) throws Exception {
    try (ChatHost.Turn turn = session.open(request)) {
      int[] tokens = ids(text + "</s>");
      var completion = new Completion(2, tokens, new float[tokens.length], FinishReason.STOP_TOKEN);
      turn.said(new ChatAnswer.Choice(text, List.of(), completion));
      return turn.request();
    }
  }

  @Test
  void aConversationThatGoesOnGrowsByWhatIsNew() throws Exception {
    GenerationRequest first = say("34", talk("12>"));
    GenerationRequest second = say("56", talk("12>", "34", ">"));

    assertArrayEquals(TinyChat.TOKENIZER.encode("12>", true), first.promptTokens());
    assertArrayEquals(TinyChat.TOKENIZER.encode("12>34</s>>", true), second.promptTokens());
    assertEquals(
        List.of(70L, 2, 3), List.of(second.ticket(), second.firstSample(), second.drawn()));
    Rollout rollout = session.end(Optional.empty(), PROVENANCE);
    assertArrayEquals(ids("34</s>56</s>"), rollout.tokens());
    List<Given> given = rollout.interplay().given();
    assertEquals(2, given.size());
    assertEquals(List.of(0, true), List.of(given.get(0).at(), given.get(0).isAnew()));
    assertEquals(List.of(3, false), List.of(given.get(1).at(), given.get(1).isAnew()));
    assertArrayEquals(ids(">"), given.get(1).tokens());
    assertEquals("56", rollout.text());
    assertEquals("[12>]\n34\n[>]\n56", rollout.interplay().transcript());
    assertEquals(Optional.empty(), rollout.interplay().outcome());
  }

  @Test
  void anEditedHistoryBeginsASegment() throws Exception {
    say("34", talk("12>"));
    GenerationRequest edited = say("56", talk("12>", "35", ">"));

    assertArrayEquals(TinyChat.TOKENIZER.encode("12>35>", true), edited.promptTokens());
    Given anew = session.end(Optional.empty(), PROVENANCE).interplay().given().get(1);
    assertEquals(List.of(3, true), List.of(anew.at(), anew.isAnew()));
    assertArrayEquals(edited.promptTokens(), anew.tokens());
  }

  @Test
  void anEarlierExchangeIsGoneOnFromItsTokensInASegmentOfItsOwn() throws Exception {
    say("34", talk("12>"));
    say("9", talk("8>"));
    GenerationRequest back = say("56", talk("12>", "34", ">"));

    // As it was sampled, with its end, though the last exchange was another.
    assertArrayEquals(TinyChat.TOKENIZER.encode("12>34</s>>", true), back.promptTokens());
    List<Given> given = session.end(Optional.empty(), PROVENANCE).interplay().given();
    assertEquals(List.of(true, true, true), given.stream().map(Given::isAnew).toList());
    assertEquals(List.of(0, 3, 5), given.stream().map(Given::at).toList());
  }

  @Test
  void samplingIsTheRecipesWhateverTheAgentAsksFor() throws Exception {
    try (ChatHost.Turn turn = session.open(talk("12>"))) {
      assertEquals(1, turn.sampling().temperature());
      assertEquals(7, turn.seed());
    }
  }

  @Test
  void theAgentsOwnRewardIsWhatTheRolloutEarned() throws Exception {
    say("34", talk("12>"));
    session.reward(0.25);
    session.reward(0.5); // The last word counts.

    assertEquals(
        Optional.of(new Outcome.Scored(0.5, Map.of())),
        session.end(Optional.empty(), PROVENANCE).interplay().outcome());
    assertThrows(ChatException.class, () -> session.reward(1));
    assertThrows(ChatException.class, () -> session.open(talk("12>")));
  }

  @Test
  void requestsComeOneAfterTheOtherAndOnlySoManyOfThem() throws Exception {
    try (ChatHost.Turn turn = session.open(talk("12>"))) {
      ChatException busy = assertThrows(ChatException.class, () -> session.open(talk("13>")));
      assertEquals(429, busy.status());
      assertEquals(0, turn.request().drawn());
    }
    for (int i = 0; i < 4; i++) {
      say("3", talk("12>"));
    }
    ChatException refused = assertThrows(ChatException.class, () -> session.open(talk("12>")));
    assertEquals("A session has at most 4 turns.", refused.getMessage());
    assertThrows(
        ChatException.class,
        () ->
            session.open(
                ChatRequest.parse(
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"1\"}], \"n\": 2}"
                        .getBytes(UTF_8))));
  }

  @Test
  void toolCallsAreReadAsTheyAreWrittenByQwen() {
    ToolCalls.Reading reading =
        ToolCalls.read(
            "Let me see.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>\n"
                + "<tool_call>{\"name\": \"now\"}</tool_call>",
            "call-1");

    assertEquals("Let me see.", reading.content());
    assertEquals(
        List.of(
            new ToolCalls.Call("call-1-0", "add", "{\"a\":1}"),
            new ToolCalls.Call("call-1-1", "now", "{}")),
        reading.calls());
    String broken = "<tool_call>{\"name\": }</tool_call>";
    assertEquals(new ToolCalls.Reading(broken, List.of()), ToolCalls.read(broken, "call-2"));
  }
}
