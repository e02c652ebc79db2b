package dev.troupe.actors.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.actors.supervisor.CompanyState;
import dev.troupe.actors.supervisor.CompanyState.Member;
import dev.troupe.actors.supervisor.Wait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;

/** The page in a real browser: Debian's {@code chromium} and {@code chromium-driver}. */
@Tag("slow")
@Timeout(180)
class PageBrowserTest {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PHONE_WIDTH = 390;

  /** Main-thread time that an update may take with {@link #LONG_HISTORY} steps. */
  private static final double MOST_UPDATE_MILLIS = 100;

  private static final int LONG_HISTORY = 10_000;

  @TempDir private Path directory;
  @TempDir private Path profile;
  private RecordedRun run;
  private RunPage page;
  private ChromeDriver browser;

  @BeforeEach
  void open() throws Exception {
    assumeTrue(
        Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
        "There is no " + CHROMIUM + " or no " + DRIVER + ": install chromium and chromium-driver.");
    run = new RecordedRun(directory);
    page = RunPage.open(0, Clock.systemUTC());
    var options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1200,1500",
        "--user-data-dir=" + profile);
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(DRIVER.toFile())
            .usingAnyFreePort()
            .build();
    browser = new ChromeDriver(service, options);
  }

  @AfterEach
  void close() {
    if (browser != null) {
      browser.quit();
    }
    if (page != null) {
      page.close();
      run.close();
    }
  }

  private void show() {
    page.show(directory);
    browser.get(page.address().toString());
  }

  private void await(String what, Predicate<ChromeDriver> isSo) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isSo.test(browser)) {
      assertTrue(System.nanoTime() < end, () -> "never " + what + ": " + text("body"));
      // A turn of the browser's own clock; the loop is bounded by PATIENCE.
      browser.executeAsyncScript("setTimeout(arguments[0], 50)");
    }
  }

  private String text(String selector) {
    return String.valueOf(
        browser.executeScript(
            "return document.querySelector(arguments[0])?.textContent ?? ''", selector));
  }

  private void awaitText(String selector, String wanted) {
    await(selector + " says " + wanted, it -> text(selector).contains(wanted));
  }

  private void turnTo(String view) {
    browser.findElement(By.id("tab-" + view)).click();
  }

  private WebElement focused() {
    return browser.switchTo().activeElement();
  }

  private void press(CharSequence... keys) {
    new Actions(browser).sendKeys(keys).perform();
  }

  @Test
  void opensWithTheCurvesOfTheNewestStage() {
    run.warmUp();
    run.train(40);
    show();

    awaitText("#stages", "▶ grpo 40/20000");
    await("drawn", it -> it.findElements(By.cssSelector("figure canvas")).size() > 5);
    assertEquals("invented", text("#name"));
    assertEquals("grpo", browser.findElement(By.id("stage")).getDomProperty("value"));
    assertTrue(text(".legend").contains("exact-match"), text(".legend"));
    assertTrue(text("figcaption").contains("→"), text("figcaption"));
  }

  @Test
  void followsTheRunWithoutBeingAsked() {
    run.train(3);
    show();
    awaitText("#stages", "grpo 3/");

    run.train(4);
    awaitText("#stages", "grpo 7/");

    run.goBackTo(2);
    run.train(1);
    awaitText("#stages", "grpo 3/");
  }

  @Test
  void emptyViewsSayWhatIsMissing() {
    show();

    awaitText("main", "No step is recorded yet.");
    turnTo("company");
    awaitText("main", "Start the run with --page");
    turnTo("timeline");
    awaitText("main", "No step has recorded its times yet.");
    turnTo("tokens");
    awaitText("main", "No completion is recorded yet.");
    turnTo("samples");
    awaitText("main", "No evaluation is finished yet.");
    turnTo("alarms");
    awaitText("main", "Nothing looks wrong");
  }

  @Test
  void showsSamplesAsTextWhenAnEvaluationIsDone() throws Exception {
    show();
    turnTo("samples");
    run.evaluate("sft-a", "312");
    run.evaluate("grpo", "123");

    awaitText("main", "after grpo");
    assertEquals(3, browser.findElements(By.cssSelector(".samples thead th")).size());
    assertTrue(text(".samples").contains("<b>405</b>>"), "Markup in a sample is only text.");
    assertTrue(text(".results").contains("50.0%"), text(".results"));
  }

  @Test
  void showsWhatEachTokenWasTrainedWith() {
    run.warmUp();
    run.train(2);
    run.record(2);
    show();
    turnTo("tokens");

    awaitText("main", "grpo, step 2: 8 completions of 2 prompts");
    assertEquals(4, browser.findElements(By.cssSelector(".completion")).size());
    // The second token of the first completion has the largest advantage, that of the second the
    // lowest; told by the line too, not by colour alone.
    WebElement best = browser.findElement(By.cssSelector(".completion .plus-4"));
    assertTrue(best.getCssValue("text-decoration-style").contains("solid"));
    WebElement worst = browser.findElement(By.cssSelector(".completion .minus-4"));
    assertTrue(worst.getCssValue("text-decoration-style").contains("dotted"));
    new Actions(browser).moveToElement(best).perform();
    awaitText(".token-readout", "advantage 2");
    browser.executeScript("document.querySelector('.completions').focus()");
    press(Keys.ARROW_RIGHT);
    awaitText(".token-readout", "completion 0");
    assertTrue(text(".histogram").length() > 0, "the advantages of the step");
    assertTrue(text("main").contains("<b>21</b>>"), "Markup in a prompt is only text.");

    browser.findElement(By.id("tokens-by")).sendKeys("token reward");
    awaitText(".token-legend", "Marked by token reward");
    browser.findElement(By.id("tokens-numbers")).click();
    await("numbers", it -> !it.findElements(By.cssSelector(".token small")).isEmpty());
  }

  @Test
  void showsWhoWorkedWhenAndSelectsStepsByKey() {
    run.train(30);
    show();
    turnTo("timeline");

    awaitText(".readout", "grpo, step 30");
    // 20 steps, each with generate, score, reference and train
    assertEquals(80, browser.findElements(By.cssSelector(".timeline .bar")).size());
    browser.executeScript("document.querySelector('.timeline').focus()");
    press(Keys.ARROW_LEFT, Keys.ARROW_LEFT);
    awaitText(".readout", "grpo, step 29");
    assertTrue(text(".readout").contains("generate"), text(".readout"));
  }

  @Test
  void showsTheCompanySoupsAndAlarms() {
    run.warmUp();
    run.train(250);
    Instant now = Instant.now();
    var state =
        new CompanyState(
            "training",
            "grpo",
            250,
            20_000,
            Optional.empty(),
            List.of(new Member("generator-1", "decoding grpo/step 250/unit 0", Optional.empty())),
            List.of(
                new Wait("the learner", now.minusSeconds(90), now.plusSeconds(60), "it stops")));
    page.attend(() -> CompletableFuture.completedFuture(state));
    page.showOwn(directory);
    browser.get(page.address() + "#company");

    awaitText("main", "decoding grpo/step 250/unit 0");
    assertTrue(text("main").contains("it stops"), text("main"));
    turnTo("soups");
    awaitText("main", "75% last checkpoint of sft-b");
    awaitText("main", "20% policy after step 200");
    turnTo("alarms");
    awaitText("main", "stalled role");
    awaitText("#tab-alarms", "▲ 1");
  }

  @Test
  void isUsableWithTheKeyboardAlone() {
    run.train(40);
    show();
    await("drawn", it -> !it.findElements(By.cssSelector("figure canvas")).isEmpty());

    press(Keys.TAB);
    assertEquals("Skip to the view", focused().getText());
    press(Keys.ENTER);
    assertEquals("view", focused().getDomProperty("id"));
    browser.findElement(By.id("tab-curves")).sendKeys(Keys.ARROW_RIGHT);
    assertEquals("tab-company", focused().getDomProperty("id"));
    assertEquals("true", focused().getDomAttribute("aria-selected"));
    press(Keys.ARROW_LEFT);
    browser.executeScript("document.querySelector('figure').focus()");
    press(Keys.HOME);
    awaitText("figcaption", "step 1:");
    press(Keys.ARROW_RIGHT);
    awaitText("figcaption", "step 2:");
    press(Keys.END);
    awaitText("figcaption", "step 40:");
  }

  @Test
  void fitsAPhone() throws Exception {
    run.warmUp();
    run.train(40);
    run.evaluate("grpo", "1".repeat(300));
    run.record(3);
    browser.manage().window().setSize(new Dimension(PHONE_WIDTH, 844));
    show();
    for (String view :
        List.of("curves", "company", "timeline", "tokens", "samples", "soups", "alarms")) {
      turnTo(view);
      Object overflow =
          browser.executeScript("return document.documentElement.scrollWidth - innerWidth");
      assertTrue(((Number) overflow).doubleValue() <= 0, view + " is wider: " + overflow);
    }
  }

  @Test
  void remembersTheTheme() {
    show();
    WebElement theme = browser.findElement(By.id("theme"));
    theme.click();
    theme.click();
    assertEquals("theme: dark", theme.getText());

    browser.navigate().refresh();

    awaitText("#theme", "theme: dark");
    assertEquals(
        "rgb(20, 23, 26)",
        browser
            .findElement(By.tagName("body"))
            .getCssValue("background-color")
            .replaceAll("rgba\\((.*), 1\\)", "rgb($1)"));
  }

  @Test
  void anUpdateIsShortWithALongHistory(TestReporter reporter) {
    run.train(LONG_HISTORY);
    show();
    awaitText("#stages", "grpo 10000/");
    await("drawn", it -> !it.findElements(By.cssSelector("figure canvas")).isEmpty());
    browser.executeScript(
        """
        performance.clearMeasures();
        window.longest = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((task) => {
          window.longest = Math.max(window.longest, task.duration);
        })).observe({ type: "longtask" });
        """);

    for (int i = 1; i <= 10; i++) {
      run.train(1);
      awaitText("#stages", "grpo " + (LONG_HISTORY + i) + "/");
    }
    // Draws that wait for the next frames belong to the last update.
    browser.executeAsyncScript("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))");

    double longestTask = ((Number) browser.executeScript("return window.longest")).doubleValue();
    double update = longest("update");
    double draw = longest("draw");
    reporter.publishEntry(
        "main thread, ms",
        "longest update %.1f, longest draw %.1f, longest task (0 = none over 50) %.1f"
            .formatted(update, draw, longestTask));
    assertFalse(draw == 0, "Nothing was drawn.");
    assertTrue(update + draw < MOST_UPDATE_MILLIS, update + " + " + draw);
  }

  private double longest(String measure) {
    return ((Number)
            browser.executeScript(
                "return Math.max(0, ...performance.getEntriesByName(arguments[0])"
                    + ".map((entry) => entry.duration))",
                measure))
        .doubleValue();
  }
}
