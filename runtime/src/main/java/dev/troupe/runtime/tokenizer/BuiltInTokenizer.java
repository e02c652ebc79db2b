package dev.troupe.runtime.tokenizer;

/** A tokenizer without training, whose vocabulary begins with {@link SpecialTokens#WRITTEN}. */
interface BuiltInTokenizer extends Tokenizer {
  @Override
  default String decode(int[] tokens) {
    return decodeContinuation(tokens);
  }

  @Override
  default int bosToken() {
    return SpecialTokens.BOS;
  }

  @Override
  default int eosToken() {
    return SpecialTokens.EOS;
  }

  @Override
  default int padToken() {
    return SpecialTokens.PAD;
  }
}
