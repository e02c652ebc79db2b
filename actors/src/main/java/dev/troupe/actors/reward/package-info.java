/** The reward actor: runs reward functions with deadlines on threads of their own. */
package dev.troupe.actors.reward;
