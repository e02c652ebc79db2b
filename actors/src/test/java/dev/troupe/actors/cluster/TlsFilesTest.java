package dev.troupe.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.troupe.actors.protocol.RunException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {
  @TempDir private static Path directory;

  private static String refusal(TlsFiles files) {
    return assertThrows(RunException.class, files::checked).getMessage();
  }

  @Test
  void takesACertificateWithItsKeyAndItsAuthority() throws Exception {
    TlsFiles files = new Certificates(directory.resolve("good")).node("node", "troupe");

    assertEquals(files, files.checked());
  }

  @Test
  void tellsEveryFileThatIsMissing() {
    Path none = directory.resolve("none");
    String said = refusal(new TlsFiles(none, none, none));

    for (String option : new String[] {"--tls-certificate", "--tls-key", "--tls-authority"}) {
      assertTrue(said.contains(option + " = " + none + " does not exist"), said);
    }
  }

  @Test
  void refusesFilesThatDoNotBelongTogether() throws Exception {
    var first = new Certificates(directory.resolve("first"));
    TlsFiles own = first.node("own", "troupe");
    TlsFiles other = first.node("other", "troupe");
    var stranger = new Certificates(directory.resolve("stranger"));

    String said = refusal(new TlsFiles(own.certificate(), other.key(), stranger.authority()));

    assertTrue(said.contains("is not that of the certificate"), said);
    assertTrue(said.contains("was not signed by the authority"), said);
  }

  @Test
  void refusesWhatIsNoCertificateAndNoKey() throws Exception {
    Path text = Files.writeString(directory.resolve("text"), "-----BEGIN PUBLIC KEY-----\nno\n");
    String said = refusal(new TlsFiles(text, text, text));

    assertTrue(said.contains("has no valid certificate"), said);
    assertTrue(said.contains("has no RSA key without a password"), said);
  }
}
