/** Readers of weight files: safetensors and GGUF, every length and offset checked before it is trusted. */
package org.whylm.lm.weights;
