/**
 * Calls of other servers that speak JSON, bounded in time, number and size: again where that may
 * help, and not at all for a while where the server is down.
 */
package dev.troupe.runtime.http;
