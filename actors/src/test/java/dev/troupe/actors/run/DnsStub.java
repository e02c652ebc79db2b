package dev.troupe.actors.run;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A name server on loopback that knows the IPv4 addresses of one name (RFC 1035). */
final class DnsStub implements AutoCloseable {
  private static final int LONGEST = 512;
  private static final int HEADER = 12;
  private static final short ADDRESS = 1;
  private static final short INTERNET = 1;

  /** The name of an answer is the one at the beginning of the question. */
  private static final short SAME_NAME = (short) 0xc00c;

  private static final short ANSWERED = (short) 0x8400;
  private static final short NO_SUCH_NAME = (short) 0x8403;
  private static final int TTL_SECONDS = 1;

  private final String name;
  private final List<InetAddress> addresses;
  private final DatagramSocket socket;

  DnsStub(String name, List<InetAddress> addresses) throws IOException {
    this.name = name;
    this.addresses = addresses;
    this.socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
    var thread = new Thread(this::serve, "dns");
    thread.setDaemon(true);
    thread.start();
  }

  /** Where it is asked. */
  String endpoint() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  private void serve() {
    var packet = new DatagramPacket(new byte[LONGEST], LONGEST);
    while (!socket.isClosed()) {
      try {
        packet.setLength(LONGEST);
        socket.receive(packet);
        ByteBuffer answer = answer(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
        socket.send(
            new DatagramPacket(answer.array(), answer.position(), packet.getSocketAddress()));
      } catch (IOException e) {
        if (!socket.isClosed()) {
          throw new IllegalStateException("the name server cannot answer", e);
        }
      }
    }
  }

  private ByteBuffer answer(ByteBuffer query) {
    short id = query.getShort(0);
    query.position(HEADER);
    var asked = new StringBuilder();
    for (int length = query.get(); length > 0; length = query.get()) {
      byte[] label = new byte[length];
      query.get(label);
      asked.append(asked.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
    short type = query.getShort();
    query.getShort();
    boolean isKnown = asked.toString().equals(name);
    List<InetAddress> found = isKnown && type == ADDRESS ? addresses : List.of();
    ByteBuffer answer = ByteBuffer.allocate(LONGEST);
    answer.putShort(id).putShort(isKnown ? ANSWERED : NO_SUCH_NAME);
    answer.putShort((short) 1).putShort((short) found.size()).putInt(0);
    answer.put(query.flip().position(HEADER));
    for (InetAddress address : found) {
      answer.putShort(SAME_NAME).putShort(ADDRESS).putShort(INTERNET).putInt(TTL_SECONDS);
      answer.putShort((short) address.getAddress().length).put(address.getAddress());
    }
    return answer;
  }

  @Override
  public void close() {
    socket.close();
  }
}
