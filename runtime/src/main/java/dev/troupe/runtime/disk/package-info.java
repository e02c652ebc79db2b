/** Room on the disk of a run: what is free, and when that is too little to go on. */
package dev.troupe.runtime.disk;
