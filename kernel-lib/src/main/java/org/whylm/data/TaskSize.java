package org.whylm.data;

/** How much of a task is used: training and test sentences, at most. */
public record TaskSize(String task, int train, int test) {}
