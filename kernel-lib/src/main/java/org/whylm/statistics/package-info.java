/** Accuracies, differences and other numbers with their intervals, and what these say about a threshold. */
package org.whylm.statistics;
