/** Linear classification from features: logistic regression, its regularisation chosen by cross-validation, accuracies with intervals. */
package org.whylm.probe;
