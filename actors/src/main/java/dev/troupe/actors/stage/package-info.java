/**
 * The stages of a run: what each kind plans, and the course that the learner follows in it. A new
 * kind is one class and one line in {@link dev.troupe.actors.stage.StageKinds}.
 */
package dev.troupe.actors.stage;
