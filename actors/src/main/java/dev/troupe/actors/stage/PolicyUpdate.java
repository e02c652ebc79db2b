package dev.troupe.actors.stage;

import ai.djl.ndarray.NDArray;
import dev.troupe.algorithms.Scalars;
import dev.troupe.algorithms.aggregation.Aggregation;
import dev.troupe.algorithms.policy.PolicyBatch;
import dev.troupe.algorithms.policy.PolicyLoss;
import dev.troupe.algorithms.sft.SftLoss;
import dev.troupe.runtime.settings.PtxSettings;
import dev.troupe.runtime.training.MicroBatch;
import dev.troupe.runtime.training.PendingStep;
import dev.troupe.runtime.training.Selection;
import dev.troupe.runtime.training.Trainer;
import dev.troupe.runtime.training.TrainingSequence;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The gradient of one optimizer step of the policy: of the policy loss of a mini-batch, what the
 * entropy adds to it and what demonstrations add.
 *
 * @param aggregation how token losses become one number
 * @param constantLength tokens, for the aggregation that has a constant length
 * @param temperature at which completions were sampled
 * @param entropy what the entropy adds
 * @param demonstrations what is learnt beside; empty for nothing
 * @param ptx how much it counts
 */
record PolicyUpdate(
    Aggregation aggregation,
    int constantLength,
    double temperature,
    EntropyTerm entropy,
    Optional<Demonstrations> demonstrations,
    PtxSettings ptx) {

  /**
   * @param read how many optimizer steps of the stage were before, also those that found no data
   * @param isFirst whether the weights are still those of the step's beginning
   * @param reading takes in what the policy says of the completions
   * @return the step, to be applied
   */
  PendingStep prepare(
      Trainer trainer,
      StepBatch batch,
      PolicyLoss loss,
      long read,
      boolean isFirst,
      FirstReading reading) {
    // Weigh: each token's share in the loss of the mini-batch.
    List<float[]> weights = Arrays.asList(aggregation.weights(batch.lengths(), constantLength));
    double meanEntropy = EntropyTerm.mean(batch.behaviour());
    if (demonstrations.isEmpty()) {
      return trainer.prepare(
          batch.sequences(),
          Selection.RESPONSE,
          temperature,
          micro -> policyLoss(micro, batch, loss, weights, meanEntropy, isFirst, reading));
    }

    // Beside: demonstrations follow the completions, and neither counts in the other's loss.
    List<TrainingSequence> shown = demonstrations.get().read(read);
    int[] lengths = shown.stream().mapToInt(TrainingSequence::responseLength).toArray();
    StepBatch padded = batch.followedBy(lengths);
    List<float[]> policyWeights = joined(weights, StepBatch.zeros(lengths));
    List<float[]> shownWeights =
        joined(
            StepBatch.zeros(batch.lengths()),
            Arrays.asList(Aggregation.TOKEN_MEAN.weights(lengths, 0)));
    return trainer.prepare(
        joined(batch.sequences(), shown),
        Selection.RESPONSE,
        temperature,
        micro ->
            policyLoss(micro, padded, loss, policyWeights, meanEntropy, isFirst, reading)
                .add(
                    Scalars.times(
                        SftLoss.loss(micro.logpBT(), micro.rows(shownWeights)),
                        ptx.coefficient())));
  }

  private NDArray policyLoss(
      MicroBatch micro,
      StepBatch batch,
      PolicyLoss loss,
      List<float[]> weights,
      double meanEntropy,
      boolean isFirst,
      FirstReading reading) {
    NDArray behaviourBT = micro.rows(batch.behaviour());
    NDArray weightBT = micro.rows(weights);
    var tokens =
        new PolicyBatch(
            micro.logpBT(),
            micro.rows(batch.old()),
            batch.reference().isEmpty() ? null : micro.rows(batch.reference()),
            behaviourBT,
            micro.rows(batch.advantages()),
            weightBT);
    PolicyMeasures.keep(micro.tally(), tokens, loss);
    reading.add(micro, batch.behaviour());
    if (isFirst) {
      PolicyMeasures.keepMismatch(micro.tally(), micro.logpBT(), behaviourBT, weightBT);
    }
    NDArray policy = loss.loss(tokens);
    return entropy.isOn()
        ? policy.add(entropy.loss(micro.entropyBT(), weightBT, meanEntropy))
        : policy;
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
