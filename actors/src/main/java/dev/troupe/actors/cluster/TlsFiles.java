package dev.troupe.actors.cluster;

import akka.pki.pem.DERPrivateKeyLoader;
import akka.pki.pem.PEMDecoder;
import akka.pki.pem.PEMLoadingException;
import dev.troupe.actors.protocol.RunException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * With what a node proves who it is, and recognises the others, when messages travel over TLS. Both
 * ends of a connection show a certificate of the same authority, and the two must have a name in
 * common, such as {@code DNS:troupe}. The files are read again every few minutes, so they may be
 * renewed in place.
 *
 * @param certificate PEM file with the certificate of this node
 * @param key PEM file with its private key, RSA in PKCS#1 or in PKCS#8 without a password
 * @param authority PEM file with the certificate that has signed those of all nodes
 */
public record TlsFiles(Path certificate, Path key, Path authority) {
  private static final byte[] TRIAL = {1, 2, 3};

  /**
   * The same, after it was seen that a handshake can succeed with them.
   *
   * @throws RunException if a file is missing or unreadable, or they do not belong together; tells
   *     all mistakes at once
   */
  TlsFiles checked() {
    var mistakes = new ArrayList<String>();
    Optional<X509Certificate> own = certificate("--tls-certificate", certificate, mistakes);
    Optional<X509Certificate> root = certificate("--tls-authority", authority, mistakes);
    Optional<PrivateKey> secret = key(mistakes);
    if (own.isPresent() && root.isPresent()) {
      checkIssuer(own.get(), root.get(), mistakes);
    }
    if (own.isPresent() && secret.isPresent() && !belongs(secret.get(), own.get())) {
      mistakes.add(
          "the key in %s is not that of the certificate in %s".formatted(key, certificate));
    }
    if (!mistakes.isEmpty()) {
      throw new RunException(
          "Messages cannot be sent over TLS: %s.".formatted(String.join("; ", mistakes)));
    }
    return this;
  }

  private static Optional<X509Certificate> certificate(
      String option, Path file, List<String> mistakes) {
    return read(option, file, mistakes)
        .flatMap(
            bytes -> {
              try {
                var factory = CertificateFactory.getInstance("X.509");
                var read =
                    (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes));
                read.checkValidity();
                return Optional.of(read);
              } catch (CertificateException e) {
                mistakes.add(
                    "%s = %s has no valid certificate: %s".formatted(option, file, e.getMessage()));
                return Optional.empty();
              }
            });
  }

  private Optional<PrivateKey> key(List<String> mistakes) {
    return read("--tls-key", key, mistakes)
        .flatMap(
            bytes -> {
              try {
                String text = new String(bytes, StandardCharsets.US_ASCII);
                return Optional.of(DERPrivateKeyLoader.load(PEMDecoder.decode(text)));
              } catch (PEMLoadingException e) {
                mistakes.add(
                    "--tls-key = %s has no RSA key without a password: %s"
                        .formatted(key, e.getMessage()));
                return Optional.empty();
              }
            });
  }

  private static Optional<byte[]> read(String option, Path file, List<String> mistakes) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      mistakes.add("%s = %s does not exist".formatted(option, file));
    } catch (IOException e) {
      mistakes.add("%s = %s cannot be read: %s".formatted(option, file, e));
    }
    return Optional.empty();
  }

  private void checkIssuer(X509Certificate own, X509Certificate root, List<String> mistakes) {
    try {
      own.verify(root.getPublicKey());
    } catch (GeneralSecurityException e) {
      mistakes.add(
          "the certificate in %s was not signed by the authority in %s"
              .formatted(certificate, authority));
    }
  }

  private static boolean belongs(PrivateKey key, X509Certificate certificate) {
    try {
      Signature signature = Signature.getInstance("SHA256with" + key.getAlgorithm());
      signature.initSign(key);
      signature.update(TRIAL);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(TRIAL);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
