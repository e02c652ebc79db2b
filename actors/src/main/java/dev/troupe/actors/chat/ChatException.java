package dev.troupe.actors.chat;

/** A request that is refused, with what OpenAI's error form tells of it. */
final class ChatException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final String parameter;

  private ChatException(int status, String type, String parameter, String message) {
    super(message);
    this.status = status;
    this.type = type;
    this.parameter = parameter;
  }

  /** A mistake in a field of the request. */
  static ChatException invalid(String parameter, String message) {
    return new ChatException(400, "invalid_request_error", parameter, message);
  }

  /** Any other reason. */
  static ChatException of(int status, String message) {
    String type =
        switch (status) {
          case 401 -> "authentication_error";
          case 429 -> "rate_limit_error";
          case 500, 503, 504 -> "server_error";
          default -> "invalid_request_error";
        };
    return new ChatException(status, type, null, message);
  }

  int status() {
    return status;
  }

  String type() {
    return type;
  }

  /** The field that is wrong; null if it is none. */
  String parameter() {
    return parameter;
  }
}
