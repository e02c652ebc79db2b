package dev.troupe.actors.cli;

import dev.troupe.actors.protocol.RunException;
import dev.troupe.actors.stage.Soup;
import dev.troupe.algorithms.salsa.SoupGuard;
import dev.troupe.runtime.checkpoint.HuggingFaceDirectory;
import dev.troupe.runtime.checkpoint.LoadedModel;
import dev.troupe.runtime.checkpoint.WeightsDigest;
import dev.troupe.runtime.model.Accelerator;
import dev.troupe.runtime.model.DecoderConfig;
import dev.troupe.runtime.model.DecoderWeights;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe soup}. */
@Command(
    name = "soup",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Averages models that were fine-tuned from one base, and says how alike they are.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  troupe soup runs/seed-1 runs/seed-2 --to soup",
      "  troupe soup a b c --weights 0.5,0.25,0.25 --base base --to soup"
    })
final class SoupCommand implements Callable<Integer> {
  @Parameters(
      arity = "2..*",
      paramLabel = "MODEL",
      description = "Model or run directories (a run's last stage's newest checkpoint).")
  private List<Path> models = new ArrayList<>();

  @Option(
      names = "--weights",
      split = ",",
      paramLabel = "X",
      description = "Share of each model, summing to 1 (default: equal shares).")
  private double[] weights;

  @Option(
      names = "--base",
      paramLabel = "DIR",
      description = "What the models were tuned from: shows the angles between what they learnt.")
  private Path base;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The directory to write; must not exist yet.")
  private Path target;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    double[] shares = shares();
    Map<Path, LoadedModel> members = new LinkedHashMap<>();
    for (Path model : models) {
      Path directory = ModelDirectory.find(model);
      if (members.put(directory, HuggingFaceDirectory.load(directory)) != null) {
        throw new RunException(directory + " is named twice; a soup needs different models.");
      }
    }
    Path first = members.keySet().iterator().next();
    members.keySet().forEach(member -> requireKin(first, member, members));
    requireDifferent(members);
    mix(members, shares, first);
    return 0;
  }

  private double[] shares() {
    if (weights == null) {
      double[] equal = new double[models.size()];
      Arrays.fill(equal, 1.0 / models.size());
      return equal;
    }
    if (weights.length != models.size()) {
      throw new RunException(
          "--weights has %d numbers for %d models; give one for each."
              .formatted(weights.length, models.size()));
    }
    if (!Arrays.stream(weights).allMatch(share -> share >= 0 && share <= 1)
        || Math.abs(Arrays.stream(weights).sum() - 1) > 1e-6) {
      throw new RunException(
          "--weights %s must be numbers from 0 to 1 that sum to 1."
              .formatted(Arrays.toString(weights)));
    }
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(share -> share / sum).toArray();
  }

  /** Refuses a model of another shape, or with another tokenizer, than the first. */
  private static void requireKin(Path first, Path other, Map<Path, LoadedModel> members) {
    DecoderConfig expected = members.get(first).config();
    DecoderConfig found = members.get(other).config();
    if (!shape(expected).equals(shape(found))) {
      throw new RunException(
          "%s and %s cannot be averaged: they have different shapes (%s and %s)."
              .formatted(first, other, describe(expected), describe(found)));
    }
    if (!Arrays.equals(tokenizer(first), tokenizer(other))) {
      throw new RunException(
          "%s and %s cannot be averaged: their tokenizers differ.".formatted(first, other));
    }
  }

  /** Which tokens begin and end a text is no part of the weights. */
  private static DecoderConfig shape(DecoderConfig config) {
    return config.withTokens(-1, List.of(), -1);
  }

  private static String describe(DecoderConfig config) {
    return "%s, %d layers of width %d, vocabulary %d"
        .formatted(config.family(), config.layers(), config.width(), config.vocabSize());
  }

  private static byte[] tokenizer(Path model) {
    Path file = model.resolve("tokenizer.json");
    try {
      return Files.isRegularFile(file) ? Files.readAllBytes(file) : new byte[0];
    } catch (IOException e) {
      throw new RunException("The tokenizer %s cannot be read: %s".formatted(file, e), e);
    }
  }

  private static void requireDifferent(Map<Path, LoadedModel> members) {
    Map<String, Path> seen = new LinkedHashMap<>();
    members.forEach(
        (member, model) -> {
          Path same = seen.put(WeightsDigest.of(model.tensors().values()), member);
          if (same != null) {
            throw new RunException(
                "%s and %s hold the same weights; a soup needs different fine-tunings."
                    .formatted(same, member));
          }
        });
  }

  private void mix(Map<Path, LoadedModel> members, double[] shares, Path first) {
    var loaded = new ArrayList<DecoderWeights>();
    PrintWriter out = spec.commandLine().getOut();
    try (Accelerator accelerator = Accelerator.of("cpu", 0)) {
      try {
        members.values().forEach(model -> loaded.add(DecoderWeights.load(accelerator, model)));
        if (base != null) {
          compare(accelerator, List.copyOf(members.keySet()), loaded, out);
        }
        try (DecoderWeights soup = Soup.of(loaded, shares)) {
          HuggingFaceDirectory.save(
              target, members.get(first).config(), soup.toHost(), hasTokenizer(first));
        }
      } catch (IllegalArgumentException e) {
        throw new RunException("These models make no soup: " + e.getMessage() + ".", e);
      } finally {
        loaded.forEach(DecoderWeights::close);
      }
    }
    out.printf("Wrote %s: the average of %d models.%n", target, members.size());
    out.flush();
  }

  private static Path hasTokenizer(Path model) {
    return Files.isRegularFile(model.resolve("tokenizer.json")) ? model : null;
  }

  /** Looks at every pair, seen from the base. */
  private void compare(
      Accelerator accelerator, List<Path> names, List<DecoderWeights> loaded, PrintWriter out) {
    Path directory = ModelDirectory.find(base);
    LoadedModel origin = HuggingFaceDirectory.load(directory);
    if (!shape(origin.config()).equals(shape(loaded.get(0).config()))) {
      throw new RunException(
          "The base %s has another shape (%s) than the models (%s)."
              .formatted(directory, describe(origin.config()), describe(loaded.get(0).config())));
    }
    try (DecoderWeights start = DecoderWeights.load(accelerator, origin)) {
      for (int i = 0; i < loaded.size(); i++) {
        for (int j = i + 1; j < loaded.size(); j++) {
          SoupGuard.Likeness likeness = Soup.compare(start, loaded.get(i), loaded.get(j));
          out.printf(
              Locale.ROOT,
              "%s and %s: distance %.4g, cosine of what they learnt %.3f%n",
              names.get(i),
              names.get(j),
              likeness.distance(),
              likeness.cosine());
        }
      }
    }
  }
}
