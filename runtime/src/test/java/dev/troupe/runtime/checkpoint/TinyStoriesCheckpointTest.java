package dev.troupe.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.runtime.model.DecoderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trained model that another program stored. */
class TinyStoriesCheckpointTest {
  private static final Path MODEL =
      Path.of(System.getProperty("troupe.root", "."))
          .resolve("../shared/assets/models/tiny-stories-260k");

  /** Provenance: the digest's definition in Python 3.11, hashlib and struct over the same file. */
  private static final String DIGEST =
      "b0a06e08cddd58b6039a6eb2693b6e038338cf6c2d0041bd1201f00e1aef0037";

  @TempDir private Path folder;

  @BeforeEach
  void requireTheModel() {
    assumeTrue(Files.isDirectory(MODEL), "needs the model tiny-stories-260k in " + MODEL);
  }

  @Test
  void hasItsPublishedShapeAndSize() {
    LoadedModel model = HuggingFaceDirectory.load(MODEL);
    assertEquals(
        DecoderConfig.llama(512, 64, 5, 8, 4, 172, 512).withTokens(1, List.of(2), -1),
        model.config());
    assertEquals(260_032, model.config().parameters());
    assertEquals(260_032, model.tensors().values().stream().mapToLong(HostTensor::elements).sum());
  }

  @Test
  void hasTheValuesAndTheDigestThatPythonReads() {
    Map<String, HostTensor> tensors = HuggingFaceDirectory.load(MODEL).tensors();
    // struct.unpack('<f', data[:4]) of the first tensor
    assertEquals(-0.29474878f, tensors.get("model.embed_tokens.weight").toFloats()[0]);
    assertEquals(DIGEST, WeightsDigest.of(tensors.values()));
  }

  @Test
  void isWrittenByteForByteAsItCame() throws IOException {
    Path copy = folder.resolve("model.safetensors");
    Path original = MODEL.resolve("model.safetensors");
    Safetensors.write(
        copy, Safetensors.read(original).values(), Safetensors.readMetadata(original));
    assertEquals(-1, Files.mismatch(original, copy));
  }

  @Test
  void survivesSavingInShardsWithItsTokenizer() {
    LoadedModel model = HuggingFaceDirectory.load(MODEL);
    Path copy = folder.resolve("copy");
    HuggingFaceDirectory.save(copy, model.config(), model.tensors().values(), MODEL, 300_000);
    assertEquals(model, HuggingFaceDirectory.load(copy));
    assertTrue(Files.exists(copy.resolve("tokenizer.json")));
  }
}
