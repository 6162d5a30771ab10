package org.whylm.features;

/** Features at every token of some texts, one row a token, text after text, and the index of the text that each row is from. */
public record TokenContexts(Features features, int[] text) {}
