/**
 * Language models: tokens to hidden states {@code f}, the output embeddings {@code Φ}, and {@code p_f = softmax(Φᵀf)}; tokenizers;
 * models by name and their download. Seven families of networks, and the encoder of BERT.
 */
package org.whylm.lm;
