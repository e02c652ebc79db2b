package dev.troupe.actors.experience;

import dev.troupe.actors.protocol.Ticket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A ledger without a disk, whose answers the test can hold back or let fail. */
final class MemoryLedger implements GroupStore {
  private final List<FinishedGroup> groups = new ArrayList<>();
  private final List<CompletableFuture<Void>> held = new ArrayList<>();
  private boolean isHolding;
  private RuntimeException failure;

  void holdBack() {
    isHolding = true;
  }

  void letGo() {
    isHolding = false;
    held.forEach(answer -> answer.complete(null));
    held.clear();
  }

  void fail(RuntimeException cause) {
    failure = cause;
  }

  @Override
  public CompletionStage<Void> write(FinishedGroup group) {
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    groups.add(group);
    var answer = new CompletableFuture<Void>();
    if (isHolding) {
      held.add(answer);
    } else {
      answer.complete(null);
    }
    return answer;
  }

  @Override
  public CompletionStage<List<FinishedGroup>> recall(List<Ticket> tickets) {
    return CompletableFuture.completedFuture(
        tickets.stream()
            .flatMap(
                ticket ->
                    groups.stream()
                        .filter(group -> group.answers(ticket))
                        .map(group -> group.as(ticket)))
            .toList());
  }

  @Override
  public void release(String phase, long before) {
    groups.removeIf(
        group ->
            group.ticket().id().phase().equals(phase) && group.ticket().id().ordinal() < before);
  }
}
