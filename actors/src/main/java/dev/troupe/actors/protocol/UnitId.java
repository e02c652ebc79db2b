package dev.troupe.actors.protocol;

/**
 * The name of a work unit, unique in a run.
 *
 * @param phase the part of the run that planned it, as in {@link TicketId}
 * @param step the step whose groups it produces
 * @param index position of the unit within the step, from 0
 */
public record UnitId(String phase, long step, int index) {

  /** For people: {@code grpo/step 3/unit 0}. */
  @Override
  public String toString() {
    return phase + "/step " + step + "/unit " + index;
  }
}
