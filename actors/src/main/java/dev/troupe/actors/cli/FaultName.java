package dev.troupe.actors.cli;

import dev.troupe.actors.chaos.Fault;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a fault, such as {@code disk-full}. */
final class FaultName implements ITypeConverter<Fault> {
  @Override
  public Fault convert(String name) {
    return Arrays.stream(Fault.values())
        .filter(fault -> fault.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "'%s' is no fault; choose from %s"
                        .formatted(
                            name,
                            Arrays.stream(Fault.values())
                                .map(Fault::toString)
                                .collect(Collectors.joining(", ")))));
  }
}
