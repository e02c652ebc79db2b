package dev.troupe.actors.fence;

/** The supervisor's side of the fence: what to make of a generator's question for work. */
public enum Hearing {
  /** It is a new one: what it shows counts from now on, and it gets an answer of its own. */
  NEW,
  /** It was heard before: the answer, if there is one, is sent again. */
  REPEATED,
  /** A later one was heard before: it has no meaning any more. */
  LATE;

  /**
   * Judges a question.
   *
   * @param ask its number
   * @param isSameSpeaker whether who asks is the one who was heard last under this name; a
   *     generator that was started anew in another process is not, and counts from the beginning
   * @param lastAsk number of the question heard last under this name
   */
  public static Hearing of(long ask, boolean isSameSpeaker, long lastAsk) {
    if (!isSameSpeaker || ask > lastAsk) {
      return NEW;
    }
    return ask == lastAsk ? REPEATED : LATE;
  }
}
