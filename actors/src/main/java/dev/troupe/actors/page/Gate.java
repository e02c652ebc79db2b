package dev.troupe.actors.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Lets readers in. On a loopback address everybody on this machine is one, under a loopback name
 * only: a foreign web page whose name was rebound to this machine is turned away by the Host header
 * it cannot change. At any other address a reader shows a token: in the header {@code
 * Authorization: Bearer …}, or once in the query of the address, after which the browser keeps it
 * as a cookie.
 */
final class Gate {
  /** Name of the cookie and of the query parameter. */
  static final String TOKEN = "token";

  private static final Set<String> OWN_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:]+]|[^:]+)(:\\d{1,5})?");
  private static final Pattern BEARER = Pattern.compile("(?i)Bearer +(\\S+) *");
  private static final Pattern QUERY = Pattern.compile("(?:^|&)" + TOKEN + "=([^&]*)");

  private final Optional<String> token;

  private Gate(Optional<String> token) {
    this.token = token;
  }

  /** For a server that only this machine reaches. */
  static Gate local() {
    return new Gate(Optional.empty());
  }

  /** For a server that others reach, too. */
  static Gate guarded(String token) {
    return new Gate(Optional.of(token));
  }

  /** What readers have to show, if anything. */
  Optional<String> token() {
    return token;
  }

  /**
   * Why somebody is not let in.
   *
   * @param status of HTTP
   * @param sentence for people
   */
  record Refusal(int status, String sentence) {}

  /** Refuses a request, or lets it in. */
  Optional<Refusal> refusal(HttpExchange exchange) {
    if (token.isEmpty()) {
      String host = exchange.getRequestHeaders().getFirst("Host");
      return host != null && isOwn(host.toLowerCase(Locale.ROOT))
          ? Optional.empty()
          : Optional.of(
              new Refusal(
                  403,
                  "This page answers only to 127.0.0.1, localhost and [::1]; from elsewhere, use a"
                      + " tunnel such as ssh -L."));
    }
    List<String> shown = shown(exchange);
    if (shown.isEmpty()) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"troupe\"");
      return Optional.of(
          new Refusal(
              401, "This page needs its token; use the address that was told when it was opened."));
    }
    return shown.stream().anyMatch(this::isRight)
        ? Optional.empty()
        : Optional.of(new Refusal(403, "That is not the token of this page."));
  }

  /**
   * Where a browser goes that has shown the token in its address: the same without it, so that it
   * stays neither in sight nor in the history. The response carries the cookie then.
   */
  Optional<URI> redirection(HttpExchange exchange) {
    URI uri = exchange.getRequestURI();
    if (token.isEmpty() || fromQuery(uri).isEmpty()) {
      return Optional.empty();
    }
    exchange
        .getResponseHeaders()
        .set("Set-Cookie", TOKEN + "=" + token.get() + "; HttpOnly; SameSite=Strict; Path=/");
    return Optional.of(URI.create(uri.getRawPath()));
  }

  private static List<String> shown(HttpExchange exchange) {
    var headers = exchange.getRequestHeaders();
    Stream<String> bearer =
        headers.getOrDefault("Authorization", List.of()).stream()
            .map(BEARER::matcher)
            .filter(Matcher::matches)
            .map(it -> it.group(1));
    Stream<String> cookie =
        headers.getOrDefault("Cookie", List.of()).stream()
            .flatMap(line -> Stream.of(line.split(";")))
            .map(String::strip)
            .filter(it -> it.startsWith(TOKEN + "="))
            .map(it -> it.substring(TOKEN.length() + 1));
    return Stream.of(bearer, cookie, fromQuery(exchange.getRequestURI()).stream())
        .flatMap(it -> it)
        .toList();
  }

  private static Optional<String> fromQuery(URI uri) {
    Matcher query = QUERY.matcher(uri.getRawQuery() == null ? "" : uri.getRawQuery());
    return query.find() ? Optional.of(query.group(1)) : Optional.empty();
  }

  /** Takes the same time however much of it is right. */
  private boolean isRight(String shown) {
    return MessageDigest.isEqual(shown.getBytes(UTF_8), token.orElseThrow().getBytes(UTF_8));
  }

  static boolean isOwn(String host) {
    Matcher matcher = HOST.matcher(host);
    return matcher.matches() && OWN_NAMES.contains(matcher.group(1));
  }
}
