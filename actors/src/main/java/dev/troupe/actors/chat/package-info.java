/**
 * An OpenAI-compatible endpoint for chat completions: it serves a model to people and programs, and
 * lets an agent that knows nothing of training talk to the policy that is trained. Requests wait in
 * a bounded queue, are decoded together, and are refused in OpenAI's form.
 */
package dev.troupe.actors.chat;
