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
    values.put(
        "akka.remote.artery.transport",
        node.transport() == NodeSettings.Transport.TCP ? "tcp" : "aeron-udp");
    values.put("akka.remote.artery.canonical.hostname", node.address().host());
    values.put("akka.remote.artery.canonical.port", node.address().port());
    values.put("akka.remote.artery.advanced.aeron.aeron-dir", driver.toString());
    values.put("akka.cluster.roles", node.roles().stream().map(Role::toString).toList());
    values.put(
        "akka.cluster.seed-nodes",
        node.seeds().stream().map(seed -> "akka://troupe@" + seed).toList());
    Config constants = ConfigFactory.parseResources("troupe-cluster.conf");
    String detection = node.detection().name().toLowerCase(Locale.ROOT);
    return ConfigFactory.parseMap(values)
        .withFallback(constants.getConfig("detection." + detection))
        .withFallback(constants.withoutPath("detection"))
        .withFallback(ConfigFactory.parseResources("troupe-akka.conf"));
  }
}
