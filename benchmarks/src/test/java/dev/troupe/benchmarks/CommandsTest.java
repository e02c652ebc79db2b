package dev.troupe.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The commands that need no other process run to their end in the smallest form they have. */
class CommandsTest {
  @ParameterizedTest
  @CsvSource({
    "engine --config S --quick --rounds 1 --only S.decode.sampling, S decode sampling",
    "data --rows 4000 --query, query ",
    "records --tokens 400 --steps 2 --length 20, tokens"
  })
  void runsToItsEnd(String arguments, String said) {
    var out = new StringWriter();
    var errors = new StringWriter();
    int status =
        new CommandLine(Main.class)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(errors))
            .execute(arguments.split(" "));

    assertEquals(0, status, errors::toString);
    assertTrue(out.toString().contains(said), out::toString);
  }
}
