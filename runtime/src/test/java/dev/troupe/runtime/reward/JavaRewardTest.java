package dev.troupe.runtime.reward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.SettingsException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JavaRewardTest {
  private static final Example ANY = new Example("e", "p", null, Map.of());

  /** A user's reward: the length of the completion. */
  public static class Length implements RewardFunction {
    @Override
    public String name() {
      return "length";
    }

    @Override
    public double score(Example example, String completion) {
      return completion.length();
    }
  }

  /** A user's reward with a setting. */
  public static final class Scaled extends Length {
    private final double scale;

    /** Reads its setting. */
    public Scaled(Config settings) {
      this.scale = settings.getDouble("scale");
    }

    @Override
    public double score(Example example, String completion) {
      return scale * super.score(example, completion);
    }
  }

  /** Not public constructors only. */
  public static final class Closed extends Length {
    private Closed() {}
  }

  /** Not instantiable. */
  public abstract static class Unfinished extends Length {}

  /** Fails to load. */
  public static final class BadStart extends Length {
    static final int NUMBER = Integer.parseInt("none");
  }

  @Test
  void makesAUsersClassByItsName() throws Exception {
    assertEquals(3, create(Length.class, "").score(ANY, "abc"), 0);
    assertEquals(1.5, create(Scaled.class, ", settings { scale = 0.5 }").score(ANY, "abc"), 0);
  }

  @Test
  void saysWhatIsWrongWithAClass() {
    assertEquals(
        "reward.class = \"com.acme.MyReward\" cannot be used (String: 1); it is not on the class"
            + " path; add its jar to it, or mend the name",
        failure("com.acme.MyReward", ""));
    assertTrue(
        failure("java.lang.String", "")
            .contains("does not implement dev.troupe.runtime.reward.RewardFunction"));
    assertTrue(failure(Unfinished.class, "").contains("must be public and not abstract"));
    assertTrue(failure(Closed.class, "").contains("needs a public constructor"));
    assertTrue(failure(BadStart.class, "").contains("cannot be loaded: "));
    assertTrue(failure(Length.class, ", settings { a = 1 }").contains("takes no settings"));
    String constructor = failure(Scaled.class, "");
    assertTrue(constructor.contains("failed in its constructor: "), constructor);
    assertTrue(constructor.contains("scale"), constructor);
    assertThrows(
        SettingsException.class,
        () -> RewardCatalog.standard().create(ConfigFactory.parseString("kind = java")));
  }

  private static RewardFunction create(Class<?> type, String more) {
    return create(type.getName(), more);
  }

  private static RewardFunction create(String className, String more) {
    return RewardCatalog.standard()
        .create(ConfigFactory.parseString("kind = java, class = \"" + className + "\"" + more));
  }

  private static String failure(Class<?> type, String more) {
    return failure(type.getName(), more);
  }

  private static String failure(String className, String more) {
    return assertThrows(SettingsException.class, () -> create(className, more)).getMessage();
  }
}
