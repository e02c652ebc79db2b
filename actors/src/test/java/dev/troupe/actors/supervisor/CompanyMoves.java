package dev.troupe.actors.supervisor;

import dev.troupe.actors.fence.Explorer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What can happen in a state of a small company. */
final class CompanyMoves {
  final SmallCompany from;
  final List<Explorer.Move<SmallCompany>> list = new ArrayList<>();

  CompanyMoves(SmallCompany from) {
    this.from = from;
  }

  void add(Supplier<String> story, Consumer<CompanyDraft> change) {
    var draft = new CompanyDraft(from);
    change.accept(draft);
    list.add(new Explorer.Move<>(story, draft.done(), draft.broken));
  }
}
