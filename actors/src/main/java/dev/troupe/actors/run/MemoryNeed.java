package dev.troupe.actors.run;

import com.sun.management.OperatingSystemMXBean;
import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.stage.RunPlan;
import dev.troupe.actors.stage.StagePlan;
import dev.troupe.actors.stage.TicketPlan;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.settings.RunSettings;
import dev.troupe.runtime.settings.TrainedStage;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An estimate of the memory that a company in one process takes for tensors.
 *
 * @param parts bytes by part, at the stage that needs most
 */
record MemoryNeed(Map<String, Long> parts) {
  /** Layer activations kept for the backward pass, in units of the width, a token and layer. */
  private static final int ACTIVATIONS = 24;

  private static final String CACHE = "key-value caches, of one work unit each (generators)";
  private static final String MICRO_BATCH = "activations of one micro-batch (learner)";

  /** What depends on lengths, which may turn out shorter than they may be. */
  private static final Set<String> UNCERTAIN = Set.of(CACHE, MICRO_BATCH);

  private static final double GIB = 1 << 30;

  /** Keeps the order. */
  MemoryNeed {
    parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
  }

  /** Bytes of weights, which are needed whatever the data is. */
  private long certain() {
    return parts.entrySet().stream()
        .filter(part -> !UNCERTAIN.contains(part.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /**
   * Refuses a run whose model cannot fit into the memory of this machine, or of its container. On a
   * GPU the device says so itself.
   */
  static void requireRoom(RunSettings settings, RunPlan plan, DecoderConfig config) {
    if (!settings.device().equals("cpu")) {
      return;
    }
    MemoryNeed need = of(settings, plan, config, 0);
    long there = machine();
    if (need.certain() > there) {
      Map.Entry<String, Long> largest =
          need.parts().entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
      throw new RunException(
          String.format(
              Locale.ROOT,
              "The run needs about %.1f GiB of memory for weights alone, most of it (%.1f GiB) for %s, and this machine has %.1f GiB; choose a smaller model or train adapters (optimizer.lora), or use a machine with more; ./troupe plan shows every part.",
              need.certain() / GIB,
              largest.getValue() / GIB,
              largest.getKey(),
              there / GIB));
    }
  }

  /** Memory of the machine, or of the container that this process is in, bytes. */
  static long machine() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getTotalMemorySize();
  }

  static MemoryNeed of(
      RunSettings settings, RunPlan plan, DecoderConfig config, int longestPrompt) {
    long weights = config.parameters() * Float.BYTES;
    int versions = plan.stages().stream().mapToInt(StagePlan::staleness).max().orElse(0) + 1;
    int frozen = trained(settings).mapToInt(TrainedStage::frozenModels).max().orElse(0);
    int trained = trained(settings).mapToInt(TrainedStage::trainedModels).max().orElse(1);
    long rows = 0;
    for (StagePlan stage : plan.stages()) {
      rows = Math.max(rows, stage.tickets().map(MemoryNeed::rows).orElse(0L));
    }
    int maxTokens =
        plan.stages().stream()
            .flatMap(stage -> stage.tickets().stream())
            .mapToInt(tickets -> tickets.sampling().maxTokens())
            .max()
            .orElse(0);
    long cacheToken = 2L * config.layers() * config.kvHeads() * config.headSize() * Float.BYTES;
    long microBatch =
        trained(settings).mapToLong(stage -> stage.optimizer().microBatchTokens()).max().orElse(0);
    long activations =
        microBatch
            * Float.BYTES
            * ((long) ACTIVATIONS * config.layers() * config.width() + 2L * config.vocabSize());
    var parts = new LinkedHashMap<String, Long>();
    parts.put("weights, gradients and optimizer (learner)", 4L * trained * weights);
    parts.put("published policy versions (learner)", versions * weights);
    parts.put("weights packed for decoding (generators)", settings.generators() * weights);
    parts.put("frozen models (reference)", 2L * frozen * weights);
    parts.put(CACHE, settings.generators() * rows * (longestPrompt + maxTokens) * cacheToken);
    parts.put(MICRO_BATCH, activations);
    return new MemoryNeed(parts);
  }

  private static long rows(TicketPlan tickets) {
    return (long) Math.min(tickets.unitPrompts(), tickets.prompts()) * tickets.samples();
  }

  private static Stream<TrainedStage> trained(RunSettings settings) {
    return settings.stages().stream()
        .filter(TrainedStage.class::isInstance)
        .map(TrainedStage.class::cast);
  }
}
