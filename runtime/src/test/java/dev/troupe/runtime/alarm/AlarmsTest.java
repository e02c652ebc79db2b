package dev.troupe.runtime.alarm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.runtime.record.StepMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class AlarmsTest {
  private static final int STEPS = 40;

  /** Healthy values of a policy-gradient step. */
  private static Map<String, Double> healthy() {
    var values = new LinkedHashMap<String, Double>();
    values.put("reward/mean", 0.5);
    values.put("entropy", 0.6);
    values.put("groups/uniform", 0.3);
    values.put("kl/reference", 0.05);
    values.put("kl/behaviour", 0.001);
    values.put("length/mean", 100.0);
    values.put("length/cut", 0.1);
    values.put("mismatch/mean", 1e-6);
    values.put("reward/failed", 0.0);
    values.put("loss", 0.1);
    values.put("gradient-norm", 1.0);
    return values;
  }

  private static List<StepMetrics> run(String metric, IntFunction<Double> value) {
    var steps = new ArrayList<StepMetrics>();
    for (int step = 1; step <= STEPS; step++) {
      Map<String, Double> values = healthy();
      values.put(metric, value.apply(step));
      steps.add(new StepMetrics("grpo", step, STEPS, step, values));
    }
    return steps;
  }

  private static Alarm only(List<StepMetrics> steps) {
    List<Alarm> alarms = Alarms.of(steps);
    assertEquals(1, alarms.size(), alarms.toString());
    return alarms.get(0);
  }

  @Test
  void aHealthyRunRaisesNone() {
    assertEquals(List.of(), Alarms.of(run("loss", step -> 0.1)));
  }

  @Test
  void entropyCollapseIsSeenWhenTheNewestMeanIsUnderATenthOfTheFirst() {
    // Falls from 0.6 to 0.01 at step 21. Steps 12..21 hold one low value: mean 0.541; from step 30
    // on all ten are low: 0.01 < 0.06. With nine low ones the mean is (0.6 + 9 * 0.01) / 10 =
    // 0.069.
    Alarm alarm = only(run("entropy", step -> step > 20 ? 0.01 : 0.6));

    assertEquals(Rule.ENTROPY_COLLAPSE, alarm.rule());
    assertEquals(30, alarm.firstStep());
    assertEquals(STEPS, alarm.lastStep());
    assertTrue(alarm.isOngoing());
    assertEquals("The entropy fell from 0.600 to 0.0100 nats/token.", alarm.sentence());
  }

  @Test
  void demonstrationsMayLowerTheEntropy() {
    var steps = new ArrayList<StepMetrics>();
    for (StepMetrics step : run("entropy", step -> step > 20 ? 0.001 : 2.0)) {
      var values = new LinkedHashMap<>(step.values());
      values.remove("reward/mean");
      steps.add(new StepMetrics("sft", step.step(), STEPS, step.step(), values));
    }

    assertEquals(List.of(), Alarms.of(steps));
  }

  @Test
  void groupsWithoutDifferenceAreSeen() {
    Alarm alarm = only(run("groups/uniform", step -> 0.97));

    assertEquals(Rule.GROUP_COLLAPSE, alarm.rule());
    assertEquals(Alarms.WINDOW, alarm.firstStep());
    assertTrue(alarm.sentence().startsWith("In 97.0% of the groups"), alarm.sentence());
  }

  @Test
  void anAlarmThatPassesKeepsItsSpan() {
    // Ten times 0.9 in steps 11..20. The mean exceeds 0.5 with six high and four low values:
    // (6 * 0.9 + 4 * 0.05) / 10 = 0.56 at step 16; five: 0.475. And again down to six at step 24.
    Alarm alarm = only(run("kl/reference", step -> step > 10 && step <= 20 ? 0.9 : 0.05));

    assertEquals(Rule.KL_RUNAWAY, alarm.rule());
    assertEquals(16, alarm.firstStep());
    assertEquals(24, alarm.lastStep());
    assertFalse(alarm.isOngoing());
  }

  @Test
  void everyRuleHasACaseThatRaisesIt() {
    assertEquals(Rule.STEP_TOO_LARGE, only(run("kl/behaviour", step -> 0.2)).rule());
    assertEquals(Rule.LENGTH_DRIFT, only(run("length/mean", step -> 20.0 * step)).rule());
    assertEquals(Rule.LENGTH_DRIFT, only(run("length/mean", step -> 500.0 / step)).rule());
    assertEquals(Rule.CUT_COMPLETIONS, only(run("length/cut", step -> 0.6)).rule());
    assertEquals(Rule.MISMATCH, only(run("mismatch/mean", step -> 0.1)).rule());
    assertEquals(Rule.FAILED_SCORINGS, only(run("reward/failed", step -> 1.0)).rule());
  }

  @Test
  void aNumberThatIsNoneIsSeenAtOnce() {
    Alarm alarm = only(run("gradient-norm", step -> step == 3 ? Double.NaN : 1.0));

    assertEquals(Rule.NOT_FINITE, alarm.rule());
    assertEquals(3, alarm.firstStep());
    assertEquals(3, alarm.lastStep());
    assertEquals("The gradient norm is NaN.", alarm.sentence());
  }

  @Test
  void everyStageBeginsAnew() {
    List<StepMetrics> steps = new ArrayList<>(run("length/mean", step -> 100.0));
    for (StepMetrics step : run("length/mean", step -> 500.0)) {
      steps.add(new StepMetrics("next", step.step(), STEPS, step.step(), step.values()));
    }

    assertEquals(List.of(), Alarms.of(steps));
  }
}
