/**
 * Sampling by another server, vLLM or SGLang, with token ids in and out. New weights reach it as
 * files on a path that both see; it is given work only after it has shown which weights it holds.
 */
package dev.troupe.runtime.remote;
