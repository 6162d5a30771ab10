/** Labelled text: the catalog of tasks, readers of sentences and CSV files, splits, and what must not leak into training. */
package org.whylm.data;
