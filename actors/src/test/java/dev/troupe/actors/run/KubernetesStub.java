package dev.troupe.actors.run;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.troupe.actors.cluster.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The part of the API server of Kubernetes that nodes ask: the pods of a namespace by a label, as a
 * PodList of core/v1, over TLS, to who shows the token of a service account.
 */
final class KubernetesStub implements AutoCloseable {
  private static final String PODS =
      "/api/v1/namespaces/%s/pods?labelSelector=app.kubernetes.io/name%%3D%s";

  private final String path;
  private final String token;
  private final String pods;
  private final HttpsServer server;

  /**
   * @param tls of a server named localhost
   * @param addresses of the pods that have the label
   * @param port at which each of them is managed
   */
  KubernetesStub(
      TlsFiles tls,
      String namespace,
      String service,
      String token,
      List<String> addresses,
      int port)
      throws IOException, GeneralSecurityException {
    this.path = PODS.formatted(namespace, service);
    this.token = token;
    this.pods =
        addresses.stream()
            .map(address -> pod(address, port))
            .collect(
                Collectors.joining(
                    ",", "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[", "]}"));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(tls)));
    server.createContext("/", this::answer);
    server.start();
  }

  private static String pod(String address, int port) {
    return """
        {"metadata":{"name":"pod-%1$s"},
         "spec":{"containers":[{"name":"node","image":"troupe","ports":[
           {"name":"artery","containerPort":25520,"protocol":"UDP"},
           {"name":"management","containerPort":%2$d,"protocol":"TCP"}]}]},
         "status":{"phase":"Running","podIP":"%1$s",
           "containerStatuses":[{"name":"node","state":{"running":{}}}]}}
        """
        .formatted(address, port);
  }

  private static SSLContext context(TlsFiles tls) throws IOException, GeneralSecurityException {
    String pem = Files.readString(tls.key()).replaceAll("-----[A-Z ]+-----", "");
    PrivateKey key =
        KeyFactory.getInstance("RSA")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
    var store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("server", key, new char[0], chain(tls.certificate()));
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static Certificate[] chain(Path file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(in)
          .toArray(Certificate[]::new);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    boolean isKnown =
        ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    String asked =
        exchange.getRequestURI().getRawPath() + "?" + exchange.getRequestURI().getRawQuery();
    boolean isPods = asked.replace("%2F", "/").equals(path);
    byte[] body = (isKnown && isPods ? pods : "{}").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(isKnown ? isPods ? 200 : 404 : 401, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
