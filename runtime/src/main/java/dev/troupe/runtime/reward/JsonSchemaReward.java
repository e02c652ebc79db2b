package dev.troupe.runtime.reward;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.typesafe.config.ConfigRenderOptions;
import dev.troupe.runtime.data.DataException;
import dev.troupe.runtime.data.Example;
import dev.troupe.runtime.settings.Checked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** 1 if the completion is JSON that a schema allows (draft 2020-12 or as it says), else 0. */
public final class JsonSchemaReward implements RewardFunction {
  /** The name of this kind of reward. */
  public static final String KIND = "json-schema";

  private static final Pattern FENCED = Pattern.compile("(?s)```(?:json)?\\s*\\n(.*?)```");
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Optional<Schema> schema;
  private final String field;
  private final Where where;

  /** Where the JSON stands in a completion. */
  public enum Where {
    /** It is all of it. */
    WHOLE,
    /** In the last fenced block, or it is all of it where there is none. */
    FENCED
  }

  private JsonSchemaReward(Optional<Schema> schema, String field, Where where) {
    this.schema = schema;
    this.field = field;
    this.where = where;
  }

  /** The {@link RewardFactory} of this kind; for its keys see {@code reward-defaults.conf}. */
  public static Supplier<RewardFunction> read(Checked reward) {
    Where where = reward.choice("where", Where.class);
    Optional<Path> file = reward.optional("path", reward::file);
    Optional<String> text =
        reward
            .optional("schema", reward::opaque)
            .map(section -> section.root().render(ConfigRenderOptions.concise()));
    Optional<String> field = reward.optional("field", reward::text);
    long given = Stream.of(file, text, field).filter(Optional::isPresent).count();
    if (given > 1) {
      reward.refuse(
          file.isPresent() ? "path" : "schema",
          "is not the only schema",
          "keep one of path, schema and field");
    } else if (given == 0) {
      reward.text("schema"); // notes that it is missing
    }
    return () ->
        new JsonSchemaReward(
            file.map(JsonSchemaReward::load).or(() -> text.map(it -> parse("schema", it))),
            field.orElse(""),
            where);
  }

  private static Schema load(Path file) {
    try {
      return parse("schema " + file, Files.readString(file));
    } catch (IOException e) {
      throw new DataException("schema " + file, List.of("it cannot be read as UTF-8 text: " + e));
    }
  }

  private static Schema parse(String subject, String text) {
    try {
      JsonNode tree = JSON.readTree(text);
      if (!tree.isObject() && !tree.isBoolean()) {
        throw new DataException(subject, List.of("it is not a JSON object"));
      }
      // Formats stay annotations, and nothing that a schema names is fetched from a network.
      return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(tree);
    } catch (JsonProcessingException e) {
      throw new DataException(subject, List.of("it is not valid JSON: " + e.getOriginalMessage()));
    } catch (SchemaException e) {
      throw new DataException(subject, List.of("it is not a JSON schema: " + e.getMessage()));
    }
  }

  @Override
  public String name() {
    return KIND;
  }

  @Override
  public boolean isVerifiable() {
    return true;
  }

  /**
   * @throws IllegalStateException if the schema is a field of the example, which has none
   */
  @Override
  public double score(Example example, String completion) {
    Schema allowed =
        schema.orElseGet(
            () -> parse("field " + field + " of " + example.id(), Fields.require(example, field)));
    JsonNode value;
    try {
      value = JSON.readTree(text(completion));
    } catch (JsonProcessingException e) {
      return 0;
    }
    return !value.isMissingNode() && allowed.validate(value).isEmpty() ? 1 : 0;
  }

  private String text(String completion) {
    String text = completion;
    if (where == Where.FENCED) {
      for (Matcher block = FENCED.matcher(completion); block.find(); ) {
        text = block.group(1);
      }
    }
    return text.strip();
  }
}
