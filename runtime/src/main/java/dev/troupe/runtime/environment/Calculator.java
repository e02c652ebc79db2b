package dev.troupe.runtime.environment;

import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.reward.maths.Calculation;
import dev.troupe.runtime.settings.Checked;
import dev.troupe.runtime.tokenizer.PromptTemplate;
import java.util.Map;
import java.util.Optional;

/** A tool that computes what a policy writes as {@code calc(17*(5+3))}. */
final class Calculator implements Environment {
  /** The name of this kind of environment. */
  static final String KIND = "calculator";

  private final Form form;
  private Example example;
  private boolean isComputed;

  /**
   * How calls and results are written.
   *
   * @param open what begins a call
   * @param close what ends it
   * @param result template with the field {@code result}
   * @param error what is answered where there is no result
   * @param digits significant digits of results that are not whole
   */
  private record Form(String open, String close, PromptTemplate result, String error, int digits) {}

  private Calculator(Form form) {
    this.form = form;
  }

  /** The {@link EnvironmentFactory} of this kind; see {@code environment-defaults.conf}. */
  static World.Player read(Checked environment) {
    var form =
        new Form(
            environment.text("open"),
            environment.text("close"),
            environment.parsed("result", PromptTemplate::parse),
            environment.text("error"),
            environment.integer("digits", 1, 50));
    if (form.result() != null && !form.result().fields().contains("result")) {
      environment.refuse("result", "has no {result}", "write where the result stands");
    }
    return new World.Turns(() -> new Calculator(form));
  }

  @Override
  public void reset(Example begun, long seed) {
    example = begun;
    isComputed = false;
  }

  /** Computes the last call of a turn; one without a call is the answer. */
  @Override
  public Step step(String action) {
    int at = action.lastIndexOf(form.open());
    if (at < 0) {
      return Step.done(0);
    }
    String call = action.substring(at + form.open().length());
    // Brackets of the expression end with the same character, so the last one closes the call.
    int end = call.lastIndexOf(form.close());
    String expression =
        end < 0 || Calculation.of(call, form.digits()).isPresent() ? call : call.substring(0, end);
    isComputed = true;
    return Step.next(
        Calculation.of(expression, form.digits())
            .map(result -> form.result().render(Map.of("result", result)))
            .orElse(form.error()));
  }

  /** First the call, then the answer. */
  @Override
  public Optional<String> demonstrate() {
    String calculation = example.fields().get("calculation");
    return calculation == null || example.answer() == null
        ? Optional.empty()
        : Optional.of(isComputed ? example.answer() : form.open() + calculation + form.close());
  }
}
