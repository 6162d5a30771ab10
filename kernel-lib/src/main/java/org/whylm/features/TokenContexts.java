package org.whylm.features;

/**
 * Features at every token of some texts.
 *
 * @param features one row a token, text after text: {@code n} rows in all
 * @param text {@code n}: the index of the text that each row is from
 */
public record TokenContexts(Features features, int[] text) {}
