package dev.troupe.actors.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import dev.troupe.runtime.settings.LogSettings;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the log of this process into a file of the run directory, stack traces included. A file
 * that has grown large enough makes room for the next one.
 */
final class LogFile {
  private static final double CHECK_SECONDS = 5;

  private LogFile() {}

  static void to(Path file, LogSettings settings) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return; // Embedded in a program that logs its own way.
    }
    context
        .getLogger(Logger.ROOT_LOGGER_NAME)
        .addAppender(
            appender(
                context,
                file,
                settings.mostMib() * FileSize.MB_COEFFICIENT,
                settings.keep(),
                CHECK_SECONDS));
  }

  /**
   * @param mostBytes size of a file at which the next one is begun, as soon as somebody looks
   * @param checkSeconds how long nobody looks
   */
  static RollingFileAppender<ILoggingEvent> appender(
      LoggerContext context, Path file, long mostBytes, int keep, double checkSeconds) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5level [%thread] %logger{20} %msg%n");
    encoder.start();
    var appender = new RollingFileAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName("run");
    appender.setFile(file.toString());
    appender.setEncoder(encoder);
    var names = new FixedWindowRollingPolicy();
    names.setContext(context);
    names.setParent(appender);
    names.setFileNamePattern(file + ".%i");
    names.setMinIndex(1);
    names.setMaxIndex(keep);
    names.start();
    var size = new SizeBasedTriggeringPolicy<ILoggingEvent>();
    size.setContext(context);
    size.setMaxFileSize(new FileSize(mostBytes));
    size.setCheckIncrement(Duration.buildBySeconds(checkSeconds));
    size.start();
    appender.setRollingPolicy(names);
    appender.setTriggeringPolicy(size);
    appender.start();
    return appender;
  }
}
