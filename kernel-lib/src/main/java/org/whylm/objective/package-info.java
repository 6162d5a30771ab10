/** The objectives of pre-training: cross-entropy and Quad (paper, section 1 and T4). */
package org.whylm.objective;
