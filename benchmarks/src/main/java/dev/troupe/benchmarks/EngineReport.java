package dev.troupe.benchmarks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.runtime.model.NumericType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the engine benchmark found, as text and as JSON. */
final class EngineReport {
  private static final double DECODE_GOAL = 2;
  private static final double TRAIN_GOAL = 1.3;
  private static final double PYTORCH_DECODE_GOAL = 2;
  private static final double PYTORCH_TRAIN_GOAL = 1.8;
  private static final double LLAMA_CPP_GOAL = 1;

  private final List<Workload> workloads;
  private final Rounds rounds;
  private final String setting;
  private final double fp32Peak;
  private final double bf16Peak;

  /** One line of the speed table. */
  record Speed(
      String name, double tokensPerSecond, double overEager, double gflops, double ofPeak) {}

  /** A ratio that was wanted. */
  record Goal(String name, double ratio, double wanted) {
    boolean met() {
      return ratio >= wanted;
    }
  }

  /**
   * Shares of the time of a measure.
   *
   * @param bound how many times plain DJL it would be if everything but the matrix products, at the
   *     rate at which they are timed alone, took no time
   */
  record Limits(String name, Map<String, Double> shares, double bound) {}

  /**
   * @param setting how the rounds were taken, for the first line
   */
  EngineReport(List<Workload> workloads, Rounds rounds, String setting) {
    this.workloads = workloads;
    this.rounds = rounds;
    this.setting = setting;
    this.fp32Peak =
        Math.max(rounds.median(MachineLimits.FP32_PLAIN), rounds.median(MachineLimits.FP32_PACKED));
    this.bf16Peak =
        Math.max(rounds.median(MachineLimits.BF16_PLAIN), rounds.median(MachineLimits.BF16_PACKED));
  }

  private List<Speed> speeds() {
    var speeds = new ArrayList<Speed>();
    for (Workload w : workloads) {
      double eager = rounds.median(Decoding.name(w, Decoding.EAGER));
      speeds.add(speed(Decoding.name(w, Decoding.EAGER), eager, w.decodeGflop(), fp32Peak));
      speeds.add(speed(Decoding.name(w, Decoding.EAGER_UNIFORM), eager, w.decodeGflop(), fp32Peak));
      for (NumericType type : NumericType.values()) {
        speeds.add(
            speed(Decoding.name(w, Decoding.label(type)), eager, w.decodeGflop(), peak(type)));
      }
      eager = rounds.median(Training.name(w, Training.EAGER));
      speeds.add(speed(Training.name(w, Training.EAGER), eager, w.trainGflop(), fp32Peak));
      for (NumericType type : NumericType.values()) {
        String name = Training.name(w, Decoding.label(type));
        speeds.add(speed(name, eager, w.trainGflop(), peak(type)));
        speeds.add(speed(name + Training.RECOMPUTE, eager, w.trainGflop(), peak(type)));
      }
    }
    return speeds;
  }

  private Speed speed(String name, double eager, double gflop, double peak) {
    double rate = rounds.median(name);
    return new Speed(name, rate, rate / eager, rate * gflop, rate * gflop / peak);
  }

  private double peak(NumericType type) {
    return type == NumericType.FP32 ? fp32Peak : bf16Peak;
  }

  private List<Goal> goals() {
    var goals = new ArrayList<Goal>();
    for (Workload w : workloads) {
      double eager = rounds.median(Decoding.name(w, Decoding.EAGER));
      for (NumericType type : NumericType.values()) {
        String name = Decoding.name(w, Decoding.label(type));
        goals.add(new Goal(name + " over DJL eager", rounds.median(name) / eager, DECODE_GOAL));
      }
      String fp32 = Training.name(w, Decoding.label(NumericType.FP32));
      goals.add(
          new Goal(
              fp32 + " over DJL eager",
              rounds.median(fp32) / rounds.median(Training.name(w, Training.EAGER)),
              TRAIN_GOAL));
      if (w.name().equals("M")) {
        double decode = rounds.median(Decoding.name(w, Decoding.label(NumericType.BF16)));
        double train = rounds.median(Training.name(w, Decoding.label(NumericType.BF16)));
        goals.add(relative("M decode bf16", decode, Reference.PYTORCH_DECODE, PYTORCH_DECODE_GOAL));
        goals.add(relative("M decode bf16", decode, Reference.PYTORCH_DECODE_CHEAP_DRAW, 1));
        goals.add(relative("M decode bf16", decode, Reference.LLAMA_CPP_DECODE, LLAMA_CPP_GOAL));
        goals.add(relative("M train bf16", train, Reference.PYTORCH_TRAIN, PYTORCH_TRAIN_GOAL));
      }
    }
    return goals;
  }

  /**
   * The same comparison in float32 on both sides. A machine with bfloat16 matrix units has a higher
   * bfloat16 peak for the same fp32 peak than the one of the references, which flatters the goals.
   */
  private List<Goal> likeForLike() {
    var ratios = new ArrayList<Goal>();
    for (Workload w : workloads) {
      if (w.name().equals("M")) {
        double decode = rounds.median(Decoding.name(w, Decoding.label(NumericType.FP32)));
        double train = rounds.median(Training.name(w, Decoding.label(NumericType.FP32)));
        ratios.add(relative("M decode fp32", decode, Reference.PYTORCH_DECODE, 1));
        ratios.add(relative("M decode fp32", decode, Reference.PYTORCH_DECODE_CHEAP_DRAW, 1));
        ratios.add(relative("M decode fp32", decode, Reference.LLAMA_CPP_DECODE, 1));
        ratios.add(relative("M train fp32", train, Reference.PYTORCH_TRAIN, 1));
      }
    }
    return ratios;
  }

  /** Decoding over a baseline that already draws as cheaply as the tensor programs do. */
  private List<Goal> strongBaseline() {
    var ratios = new ArrayList<Goal>();
    for (Workload w : workloads) {
      double eager = rounds.median(Decoding.name(w, Decoding.EAGER_UNIFORM));
      for (NumericType type : NumericType.values()) {
        String name = Decoding.name(w, Decoding.label(type));
        ratios.add(
            new Goal(name + " over DJL eager with one draw a row", rounds.median(name) / eager, 1));
      }
    }
    return ratios;
  }

  private Goal relative(String name, double rate, Reference reference, double wanted) {
    return new Goal(
        name + " over " + reference.program() + ", relative to peak",
        reference.ratio(rate, fp32Peak),
        wanted);
  }

  /** Where time goes: parts are timed alone, the rest is what they leave. */
  private List<Limits> limits() {
    var limits = new ArrayList<Limits>();
    for (Workload w : workloads) {
      for (NumericType type : NumericType.values()) {
        String decode = Decoding.name(w, Decoding.label(type));
        limits.add(
            shares(
                decode,
                Decoding.name(w, Decoding.EAGER),
                Map.of(
                    Decoding.PRODUCTS, decode + " " + Decoding.PRODUCTS,
                    Decoding.ATTENTION, decode + " " + Decoding.ATTENTION,
                    Decoding.SAMPLING, Decoding.name(w, Decoding.SAMPLING))));
        String train = Training.name(w, Decoding.label(type));
        limits.add(
            shares(
                train,
                Training.name(w, Training.EAGER),
                Map.of(
                    Training.PRODUCTS, train + " " + Training.PRODUCTS,
                    Training.ATTENTION, train + " " + Training.ATTENTION)));
      }
    }
    return limits;
  }

  private Limits shares(String whole, String eager, Map<String, String> parts) {
    var shares = new LinkedHashMap<String, Double>();
    double rest = 1;
    for (String part : List.of(Decoding.PRODUCTS, Decoding.ATTENTION, Decoding.SAMPLING)) {
      if (parts.containsKey(part)) {
        double share = rounds.median(whole) / rounds.median(parts.get(part));
        shares.put(part, share);
        rest -= share;
      }
    }
    shares.put("rest", rest);
    double products = rounds.median(parts.get(Decoding.PRODUCTS));
    return new Limits(whole, shares, products / rounds.median(eager));
  }

  /** The tables for people. */
  String text() {
    var text = new StringBuilder();
    text.append("Troupe engine: ").append(setting).append("\n\nThis machine\n");
    for (String name :
        List.of(
            MachineLimits.FP32_PLAIN,
            MachineLimits.FP32_PACKED,
            MachineLimits.BF16_PLAIN,
            MachineLimits.BF16_PACKED,
            MachineLimits.READ)) {
      text.append(
          "  %-18s %,8.0f %-8s (rounds %,.0f to %,.0f)%n"
              .formatted(
                  name,
                  rounds.median(name),
                  name.equals(MachineLimits.READ) ? "GB/s" : "GFLOP/s",
                  rounds.lowest(name),
                  rounds.highest(name)));
    }
    text.append(
        "%nSpeed%n  %-26s %10s %10s %10s %8s%n"
            .formatted("", "tokens/s", "x eager", "GFLOP/s", "of peak"));
    for (Speed s : speeds()) {
      text.append(
          "  %-26s %,10.0f %10.2f %10.1f %7.0f%%%n"
              .formatted(
                  s.name(), s.tokensPerSecond(), s.overEager(), s.gflops(), 100 * s.ofPeak()));
    }
    text.append("\nWhat limits it (shares of the time; each part timed alone)\n");
    for (Limits l : limits()) {
      text.append("  %-26s".formatted(l.name()));
      l.shares().forEach((part, share) -> text.append("  %s %.0f%%".formatted(part, 100 * share)));
      text.append("  products alone %.2f x eager%n".formatted(l.bound()));
    }
    text.append("\nGoals\n");
    goals().forEach(goal -> text.append(line(goal)));
    text.append("\nOver a baseline that draws as cheaply\n");
    strongBaseline().forEach(ratio -> text.append(line(ratio)));
    if (!likeForLike().isEmpty()) {
      text.append("\nWithout the matrix units that only bf16 uses\n");
      likeForLike().forEach(goal -> text.append(line(goal)));
    }
    return text.toString();
  }

  private static String line(Goal goal) {
    return "  %-76s %5.2f  wanted %.1f  %s%n"
        .formatted(goal.name(), goal.ratio(), goal.wanted(), goal.met() ? "met" : "NOT MET");
  }

  /** The same as one JSON object. */
  String json() {
    var root = new LinkedHashMap<String, Object>();
    root.put("setting", setting);
    root.put("fp32PeakGflops", fp32Peak);
    root.put("bf16PeakGflops", bf16Peak);
    root.put("readGigabytesPerSecond", rounds.median(MachineLimits.READ));
    root.put("speeds", speeds());
    root.put("limits", limits());
    root.put("goals", goals());
    root.put("strongBaseline", strongBaseline());
    root.put("float32Only", likeForLike());
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the report does not become JSON", e);
    }
  }
}
