package dev.troupe.actors.experience;

import dev.troupe.actors.protocol.Ticket;
import dev.troupe.actors.protocol.TicketId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A ledger without a disk, whose answers the test can hold back or let fail. */
public final class MemoryLedger implements GroupStore {
  private final Map<TicketId, FinishedGroup> groups = new HashMap<>();
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
    groups.put(group.ticket().id(), group);
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
            .filter(ticket -> groups.containsKey(ticket.id()))
            .filter(ticket -> groups.get(ticket.id()).answers(ticket))
            .map(ticket -> groups.get(ticket.id()).as(ticket))
            .toList());
  }

  @Override
  public void release(String phase, long before) {
    groups.keySet().removeIf(it -> it.phase().equals(phase) && it.ordinal() < before);
  }
}
