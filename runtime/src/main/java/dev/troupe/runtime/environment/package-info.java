/**
 * What a policy acts in over several turns: it speaks, the environment answers, until one of them
 * is done. New kinds of environments are registered in the {@link
 * dev.troupe.runtime.environment.EnvironmentCatalog}.
 */
package dev.troupe.runtime.environment;
