/**
 * Tensor programs: TorchScript sources kept as readable resources, packed into archives by Java and
 * run by DJL's PyTorch engine, so that one native call does a whole chunk of work.
 */
package dev.troupe.runtime.program;
