/**
 * Against stated over-confidence (Leng et al. 2025): PPO-M trains the reward model on answers with
 * high and low stated confidence ({@link
 * dev.troupe.algorithms.calibration.CalibratedRewardModelLoss}), PPO-C corrects the reward at
 * rollout time ({@link dev.troupe.algorithms.calibration.CalibratedReward}); with the parsing of
 * stated confidence and the metrics of calibration.
 */
package dev.troupe.algorithms.calibration;
