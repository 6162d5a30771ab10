/**
 * What a language model knows about texts: {@code f}, {@code Φp_f}, probabilities and logits of words, random projections of
 * {@code p_f}; and the store on disk that keeps what was computed once.
 */
package org.whylm.features;
