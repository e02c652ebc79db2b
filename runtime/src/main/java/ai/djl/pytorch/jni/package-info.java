/** A narrow door to a package-private part of DJL's PyTorch engine; see {@link ProgramCalls}. */
package ai.djl.pytorch.jni;
