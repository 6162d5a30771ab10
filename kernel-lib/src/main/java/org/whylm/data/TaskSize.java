package org.whylm.data;

/**
 * How much of a task is used.
 *
 * @param task name of the task
 * @param train training sentences, at most
 * @param test test sentences, at most
 */
public record TaskSize(String task, int train, int test) {}
