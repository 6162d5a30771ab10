package org.whylm.lm;

/**
 * A tensor of a network.
 *
 * @param name as in a checkpoint of the bare transformer, where that has the tensor as one
 * @param shape row-major, as the network multiplies with it
 */
record Parameter(String name, long... shape) {}
