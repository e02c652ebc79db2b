/** Calls into code that nobody here wrote: bounded in number and in time, whatever it does. */
package dev.troupe.runtime.deadline;
