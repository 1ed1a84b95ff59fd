package io.turboprop.store;

/**
 * Which definitions a list is about.
 *
 * @param name empty for all names
 */
public record NameScope(String project, String domain, String name) {}
