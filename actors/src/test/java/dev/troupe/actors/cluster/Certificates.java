package dev.troupe.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority of its own and what it signs, made by the {@code keytool} of this JDK. */
public final class Certificates {
  private static final String PASSWORD = "troupe-test";
  private static final Base64.Encoder BASE64 = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private final Path directory;

  /** Makes the authority. */
  public Certificates(Path directory) throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    pair("authority", "CN=authority of " + directory.getFileName(), "-ext", "bc:c");
    export("authority", authority());
  }

  /** The certificate of the authority. */
  public Path authority() {
    return directory.resolve("authority.crt");
  }

  /**
   * Makes a node's key and has it signed.
   *
   * @param subject one name, such as {@code troupe}
   */
  public TlsFiles node(String name, String subject)
      throws IOException, InterruptedException, GeneralSecurityException {
    pair(name, "CN=" + subject);
    Path request = directory.resolve(name + ".csr");
    Path signed = directory.resolve(name + ".crt");
    keytool("-certreq", "-alias", name, "-file", request.toString());
    keytool(
        "-gencert",
        "-alias",
        "authority",
        "-rfc",
        "-ext",
        "san=dns:" + subject,
        "-infile",
        request.toString(),
        "-outfile",
        signed.toString());
    Path key = directory.resolve(name + ".key");
    Files.writeString(
        key,
        "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
            .formatted(BASE64.encodeToString(key(name).getEncoded())));
    return new TlsFiles(signed, key, authority());
  }

  private Key key(String name) throws IOException, GeneralSecurityException {
    var store = KeyStore.getInstance("PKCS12");
    try (InputStream in = new FileInputStream(store().toFile())) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store.getKey(name, PASSWORD.toCharArray());
  }

  private Path store() {
    return directory.resolve("keys.p12");
  }

  private void pair(String alias, String subject, String... more)
      throws IOException, InterruptedException {
    var arguments =
        new ArrayList<>(
            List.of("-genkeypair", "-alias", alias, "-keyalg", "RSA", "-keysize", "2048"));
    arguments.addAll(List.of("-dname", subject, "-validity", "2"));
    arguments.addAll(List.of(more));
    keytool(arguments.toArray(String[]::new));
  }

  private void export(String alias, Path file) throws IOException, InterruptedException {
    keytool("-exportcert", "-rfc", "-alias", alias, "-file", file.toString());
  }

  private void keytool(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", store().toString(), "-storetype", "PKCS12"));
    command.addAll(List.of("-storepass", PASSWORD));
    File said = directory.resolve("keytool.out").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "keytool does not end");
    assertEquals(0, process.exitValue(), Files.readString(said.toPath()));
  }
}
