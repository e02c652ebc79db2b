package dev.troupe.runtime.duckdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class InMemoryDuckTest {

  @Test
  void leavesNoLibraryBehindAndGoesOnWithoutItsName() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (Connection duck = InMemoryDuck.open(new Properties());
          Statement statement = duck.createStatement();
          ResultSet answer = statement.executeQuery("select sum(x) from range(5) t(x)")) {
        answer.next();
        assertEquals(10, answer.getInt(1)); // 0 + 1 + 2 + 3 + 4
      }
      assertEquals(List.of(), InMemoryDuck.unpacked());
    }
  }

  @Test
  void asksNoNetworkForExtensions() throws Exception {
    try (Connection duck = InMemoryDuck.open(new Properties());
        Statement statement = duck.createStatement();
        ResultSet answer =
            statement.executeQuery(
                "select current_setting('autoinstall_known_extensions'),"
                    + " current_setting('autoload_known_extensions')")) {
      answer.next();
      assertEquals("false", answer.getString(1));
      assertEquals("false", answer.getString(2));
    }
  }
}
