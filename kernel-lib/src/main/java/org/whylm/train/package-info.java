/** Training of small language models by cross-entropy or Quad. */
package org.whylm.train;
