/**
 * What a person may set. A recipe (HOCON) is merged with the defaults of {@code reference.conf},
 * bound to immutable records and checked as a whole: {@link
 * dev.troupe.runtime.settings.Recipe#load} either returns settings that can be run or names every
 * mistake, each with its file and line.
 *
 * <p>{@code Checked} is the reader that other packages use for the sections left opaque here (task,
 * reward, preference), so that their mistakes read the same.
 */
package dev.troupe.runtime.settings;
