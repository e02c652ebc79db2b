package dev.troupe.actors.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1Role;
import io.kubernetes.client.openapi.models.V1RoleBinding;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The manifests against the classes that the Kubernetes project makes from its OpenAPI description:
 * they know every field, which ones are required, and of which type each is.
 */
class KubernetesManifestsTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("troupe.root"), "cluster-config", "launch", "kubernetes");
  private static final Gson GSON = new Gson();

  /** Refuses fields that a kind does not have or lacks. */
  @FunctionalInterface
  private interface Schema {
    void check(JsonElement document) throws IOException;
  }

  private static final Map<String, Schema> KINDS =
      Map.of(
          "v1/ServiceAccount", V1ServiceAccount::validateJsonElement,
          "v1/Service", V1Service::validateJsonElement,
          "v1/Pod", V1Pod::validateJsonElement,
          "v1/PersistentVolumeClaim", V1PersistentVolumeClaim::validateJsonElement,
          "batch/v1/Job", V1Job::validateJsonElement,
          "apps/v1/StatefulSet", V1StatefulSet::validateJsonElement,
          "rbac.authorization.k8s.io/v1/Role", V1Role::validateJsonElement,
          "rbac.authorization.k8s.io/v1/RoleBinding", V1RoleBinding::validateJsonElement,
          "networking.k8s.io/v1/NetworkPolicy", V1NetworkPolicy::validateJsonElement);

  private static List<Map<String, Object>> documents(String file) throws IOException {
    var all = new ArrayList<Map<String, Object>>();
    var yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    for (Object document : yaml.loadAll(Files.readString(FOLDER.resolve(file)))) {
      all.add(map(document));
    }
    return all;
  }

  private static Map<String, Object> map(Object value) {
    var copy = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) value).forEach((key, entry) -> copy.put((String) key, entry));
    return copy;
  }

  private static JsonElement json(Object document) {
    return GSON.toJsonTree(document);
  }

  private static void check(Map<String, Object> document) throws IOException {
    Schema schema = KINDS.get(document.get("apiVersion") + "/" + document.get("kind"));
    assertTrue(schema != null, () -> "a kind that is not checked: " + document.get("kind"));
    schema.check(json(document));
  }

  private static V1StatefulSet statefulSet(String file) throws IOException {
    // Quantities and the like have readers of their own there.
    return JSON.getGson().fromJson(json(documents(file).get(0)), V1StatefulSet.class);
  }

  @Test
  void everyManifestFitsTheDescriptionOfItsKind() throws IOException {
    Map<String, Object> index = documents("kustomization.yaml").get(0);
    List<String> listed =
        StreamSupport.stream(json(index.get("resources")).getAsJsonArray().spliterator(), false)
            .map(JsonElement::getAsString)
            .sorted()
            .toList();
    try (Stream<Path> files = Files.list(FOLDER)) {
      assertEquals(
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith(".yaml") && !file.equals("kustomization.yaml"))
              .sorted()
              .toList(),
          listed);
    }
    for (String file : listed) {
      for (Map<String, Object> document : documents(file)) {
        check(document);
      }
    }
  }

  @Test
  void aFieldThatDoesNotExistWouldBeSeen() throws IOException {
    Map<String, Object> document = documents("head.yaml").get(0);
    Map<String, Object> spec = map(document.get("spec"));
    spec.put("replicaz", 1);
    document.put("spec", spec);

    assertThrows(IllegalArgumentException.class, () -> check(document));

    spec.remove("replicaz");
    spec.remove("selector");
    assertThrows(IllegalArgumentException.class, () -> check(document));
  }

  @ParameterizedTest
  @ValueSource(strings = {"head.yaml", "scorer.yaml", "generator.yaml"})
  void aPodRunsWhatTheCommandLineUnderstandsAndMayDoLittleElse(String file) throws IOException {
    V1StatefulSet set = statefulSet(file);
    var pod = set.getSpec().getTemplate();
    assertEquals(set.getSpec().getSelector().getMatchLabels(), pod.getMetadata().getLabels());
    assertEquals("troupe", pod.getMetadata().getLabels().get("app.kubernetes.io/name"));
    assertTrue(pod.getSpec().getSecurityContext().getRunAsNonRoot());
    V1Container container = pod.getSpec().getContainers().get(0);
    assertTrue(container.getSecurityContext().getReadOnlyRootFilesystem());
    assertFalse(container.getSecurityContext().getAllowPrivilegeEscalation());
    assertEquals(List.of("ALL"), container.getSecurityContext().getCapabilities().getDrop());

    // An unknown option, role or transport would be an exception.
    var parsed = Main.commandLine().parseArgs(container.getArgs().toArray(String[]::new));
    assertEquals("kubernetes", parsed.subcommand().matchedOptionValue("--bootstrap", ""));
    assertEquals("troupe", parsed.subcommand().matchedOptionValue("--service", ""));

    assertEquals("/ready", container.getReadinessProbe().getHttpGet().getPath());
    assertEquals("/alive", container.getLivenessProbe().getHttpGet().getPath());
    var management =
        container.getPorts().stream()
            .filter(port -> port.getName().equals("management"))
            .findFirst()
            .orElseThrow();
    assertEquals(8558, management.getContainerPort());
    // Every mount has its volume.
    var volumes = new ArrayList<String>();
    pod.getSpec().getVolumes().forEach(volume -> volumes.add(volume.getName()));
    if (set.getSpec().getVolumeClaimTemplates() != null) {
      set.getSpec()
          .getVolumeClaimTemplates()
          .forEach(claim -> volumes.add(claim.getMetadata().getName()));
    }
    container.getVolumeMounts().forEach(mount -> assertTrue(volumes.contains(mount.getName())));
  }

  @Test
  void exactlyOnePodSupervises() throws IOException {
    assertEquals(1, statefulSet("head.yaml").getSpec().getReplicas());
    for (String file : List.of("scorer.yaml", "generator.yaml")) {
      assertFalse(
          statefulSet(file)
              .getSpec()
              .getTemplate()
              .getSpec()
              .getContainers()
              .get(0)
              .getArgs()
              .stream()
              .anyMatch(argument -> argument.contains("supervisor")),
          file);
    }
  }
}
