/** Extraction of features as an Apache Spark job: the same batches as on one machine, computed on many. */
package org.whylm.spark;
