package org.whylm.probe;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How well one kind of features solves a task by the classifiers of the authors' script.
 *
 * @param result the accuracy; its interval is over test sentences
 * @param C the chosen inverse strengths of regularisation, on the first split: of a softmax regression one, else one for each
 *     binary regression
 * @param softmax whether it is a softmax regression; else each class is told from the rest
 */
public record ScriptResult(Result result, double[] C, boolean softmax) {

    /** How a table calls the regression. */
    public String regression() {
        return softmax ? "softmax" : "one versus rest";
    }

    /** The chosen {@code C}, such as {@code 1e-2, 1e+1}. */
    public String chosen() {
        return Arrays.stream(C)
                .mapToObj(each -> String.format(Locale.ROOT, "%.0e", each).replaceFirst("(e[+-])0", "$1"))
                .collect(Collectors.joining(", "));
    }
}
