package dev.troupe.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.actors.protocol.Role;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What Akka is told of a node, beside the constants of {@code troupe-cluster.conf}. */
final class AkkaSettings {
  private AkkaSettings() {}

  /**
   * Not complete: Akka's own defaults are to be added.
   *
   * @param driver directory of the media driver that messages and weights share
   */
  static Config of(NodeSettings node, Path driver) {
    Map<String, Object> values = new HashMap<>();
    values.put("akka.remote.artery.transport", kebab(node.transport()));
    values.put("akka.remote.artery.canonical.hostname", node.address().host());
    values.put("akka.remote.artery.canonical.port", node.address().port());
    values.put("akka.remote.artery.advanced.aeron.aeron-dir", driver.toString());
    values.put("akka.cluster.roles", node.roles().stream().map(Role::toString).toList());
    values.put(
        "akka.cluster.seed-nodes",
        node.seeds().stream().map(seed -> "akka://troupe@" + seed).toList());
    node.tls().ifPresent(tls -> add(tls, values));
    node.management().ifPresent(management -> add(management, values));
    Config constants = ConfigFactory.parseResources("troupe-cluster.conf");
    return ConfigFactory.parseMap(values)
        .withFallback(constants.getConfig("detection." + kebab(node.detection())))
        .withFallback(constants.withoutPath("detection"))
        .withFallback(ConfigFactory.parseResources("troupe-akka.conf"));
  }

  private static String kebab(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void add(TlsFiles tls, Map<String, Object> values) {
    String engine = "akka.remote.artery.ssl.rotating-keys-engine.";
    values.put(engine + "cert-file", tls.certificate().toAbsolutePath().toString());
    values.put(engine + "key-file", tls.key().toAbsolutePath().toString());
    values.put(engine + "ca-cert-file", tls.authority().toAbsolutePath().toString());
  }

  private static void add(Management management, Map<String, Object> values) {
    values.put("akka.management.http.hostname", management.address().host());
    values.put("akka.management.http.port", management.address().port());
    String bootstrap = "akka.management.cluster.bootstrap.";
    String service = bootstrap + "contact-point-discovery.effective-name";
    String method = "akka.discovery.method";
    if (management.bootstrap().isEmpty()) {
      values.put("akka.management.http.routes.cluster-bootstrap", "");
      return;
    }
    Management.Bootstrap way = management.bootstrap().get();
    if (way instanceof Management.Kubernetes kubernetes) {
      values.put(method, "kubernetes-api");
      values.put(service, kubernetes.service());
      values.put(bootstrap + "contact-point-discovery.port-name", "management");
    } else if (way instanceof Management.Dns dns) {
      values.put(method, "akka-dns");
      values.put(service, dns.name());
    } else if (way instanceof Management.Contacts contacts) {
      values.put(method, "config");
      values.put(service, "troupe");
      values.put(
          "akka.discovery.config.services.troupe.endpoints",
          contacts.addresses().stream()
              .map(contact -> Map.of("host", contact.host(), "port", contact.port()))
              .toList());
      // Every contact has its own port.
      values.put(bootstrap + "contact-point.filter-on-fallback-port", false);
    }
  }
}
