package dev.troupe.actors.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The files of the page, all from the class path: it needs no network. */
final class PageFiles {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";
  private static final String UPLOT = "META-INF/resources/webjars/uplot/";
  private static final String UPLOT_POM = "META-INF/maven/org.webjars.npm/uplot/pom.properties";

  /**
   * A file.
   *
   * @param type its content type
   * @param bytes its content; not to be changed
   */
  record PageFile(String type, byte[] bytes) {}

  private final Map<String, PageFile> byPath = new HashMap<>();

  PageFiles() {
    own("/", "index.html", HTML);
    own("/page.css", "page.css", STYLE);
    for (String script :
        new String[] {
          "page",
          "feed",
          "store",
          "curves",
          "chart",
          "timeline",
          "company",
          "samples",
          "tokens",
          "soups",
          "alarms",
          "text"
        }) {
      own("/" + script + ".js", script + ".js", SCRIPT);
    }
    String dist = UPLOT + uplotVersion() + "/dist/";
    byPath.put("/uplot.js", new PageFile(SCRIPT, read(dist + "uPlot.esm.js")));
    byPath.put("/uplot.css", new PageFile(STYLE, read(dist + "uPlot.min.css")));
  }

  Optional<PageFile> at(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  private void own(String path, String name, String type) {
    byPath.put(path, new PageFile(type, read("dev/troupe/actors/page/" + name)));
  }

  private static String uplotVersion() {
    var pom = new Properties();
    try (InputStream in = open(UPLOT_POM)) {
      pom.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pom.getProperty("version");
  }

  private static byte[] read(String resource) {
    try (InputStream in = open(resource)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = PageFiles.class.getClassLoader().getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException(resource + " is missing from the class path");
    }
    return in;
  }
}
